-- 6 line id, 7 its data or '' to leave it, 8 quantity (0 removes), 9 units to be had (-1: not counted)
local id, state = find()
if not id then
  return {state}
end
local line, quantity, cap = ARGV[6], tonumber(ARGV[8]), tonumber(ARGV[9])
local lines = lines_of(id)
local known = lines[line]
if not known then
  return {'no_line'}
end
if quantity == 0 then
  redis.call('HDEL', cart_key(id), 'l' .. line, 'q' .. line)
else
  local others = units_of(lines, known.variant) - known.quantity
  if cap >= 0 and others + quantity > cap then
    return {'stock', others}
  end
  redis.call('HSET', cart_key(id), 'q' .. line, quantity)
  if ARGV[7] ~= '' then
    redis.call('HSET', cart_key(id), 'l' .. line, ARGV[7])
  end
end
touch(id)
return reply(id)
