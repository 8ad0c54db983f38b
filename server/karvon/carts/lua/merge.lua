-- 6 the guest's cart, 7 most lines, 8 most of a line, 9... pairs of variant and units to be had (-1: not counted).
-- Moves and removes in one step: however many merges arrive at once, the first one takes all.
local guest = cart_key(ARGV[6])
if redis.call('HGET', guest, 'u') ~= '' then
  return {'nothing'}
end
local id, state = open()
if not id then
  return {state}
end
local caps = {}
for place = 9, #ARGV, 2 do
  caps[ARGV[place]] = tonumber(ARGV[place + 1])
end
local own, count = lines_of(id)
local brought, order = lines_of(ARGV[6]), {}
for line, _ in pairs(brought) do
  order[#order + 1] = line
end
table.sort(order, function(a, b)
  if brought[a].added ~= brought[b].added then
    return brought[a].added < brought[b].added
  end
  return a < b
end)
for _, line in ipairs(order) do
  local coming = brought[line]
  local known, cap = own[line], caps[coming.variant] or -1
  local quantity = coming.quantity
  if cap >= 0 then
    quantity = math.min(quantity, math.max(0, cap - units_of(own, coming.variant)))
    if cap == 0 and not known then
      -- sold out: the shopper is to see it in the cart, marked so
      quantity = coming.quantity
    end
  end
  local before = known and known.quantity or 0
  quantity = math.min(quantity, tonumber(ARGV[8]) - before)
  if quantity > 0 and (known or count < tonumber(ARGV[7])) then
    if not known then
      known = {variant = coming.variant, data = coming.data, added = coming.added}
      own[line] = known
      count = count + 1
      redis.call('HSET', cart_key(id), 'l' .. line, coming.data)
    end
    known.quantity = before + quantity
    redis.call('HSET', cart_key(id), 'q' .. line, known.quantity)
  end
end
local coupon = redis.call('HGET', guest, 'k')
if coupon then
  redis.call('HSETNX', cart_key(id), 'k', coupon)
end
local version = redis.call('HGET', guest, 'v')
redis.call('DEL', guest)
redis.call('ZREM', TOUCHED, ARGV[6])
redis.call('ZREM', DIRTY, ARGV[6])
redis.call('ZADD', GONE, version, ARGV[6])
touch(id)
local answer = reply(id)
answer[4] = version
return answer
