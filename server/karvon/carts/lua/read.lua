-- 6: a guest cart that the customer carries along, or ''
local carried = '0'
if ARGV[6] ~= '' and redis.call('HGET', cart_key(ARGV[6]), 'u') == '' then
  carried = '1'
end
local id, state = find()
if not id then
  return {state, carried}
end
keep_alive(id)
return {'ok', id, redis.call('HGETALL', cart_key(id)), carried}
