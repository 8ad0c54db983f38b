-- 6 field, 7 value ('' takes it away)
local id, state = open()
if not id then
  return {state}
end
if (redis.call('HGET', cart_key(id), ARGV[6]) or '') ~= ARGV[7] then
  if ARGV[7] == '' then
    redis.call('HDEL', cart_key(id), ARGV[6])
  else
    redis.call('HSET', cart_key(id), ARGV[6], ARGV[7])
  end
  touch(id)
end
return reply(id)
