-- 6 line id, 7 its data, 8 quantity, 9 variant, 10 units to be had (-1: not counted), 11 most lines, 12 most of a line
local id, state = open()
if not id then
  return {state}
end
local line, quantity, variant, cap = ARGV[6], tonumber(ARGV[8]), ARGV[9], tonumber(ARGV[10])
local lines, count = lines_of(id)
local known = lines[line]
local units = units_of(lines, variant)
if cap >= 0 and units + quantity > cap then
  return {'stock', units}
end
if (known and known.quantity or 0) + quantity > tonumber(ARGV[12]) then
  return {'quantity'}
end
if not known and count >= tonumber(ARGV[11]) then
  return {'lines'}
end
local data = ARGV[7]
if known then
  -- the place in the cart stays
  data = string.gsub(data, '|%d+$', '|' .. string.format('%.0f', known.added))
end
redis.call('HSET', cart_key(id), 'l' .. line, data)
redis.call('HINCRBY', cart_key(id), 'q' .. line, quantity)
touch(id)
return reply(id)
