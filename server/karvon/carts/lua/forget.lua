-- asked: cart id; 6 the version that was ordered; 7... pairs of line id and ordered quantity.
-- A cart that was changed meanwhile stays, less what was ordered.
local key = cart_key(asked)
local version, owner = unpack(redis.call('HMGET', key, 'v', 'u'))
if not version then
  return {'gone'}
end
if version == ARGV[6] then
  redis.call('DEL', key)
  redis.call('ZREM', TOUCHED, asked)
  redis.call('ZREM', DIRTY, asked)
  redis.call('ZADD', GONE, version, asked)
  if owner ~= '' and redis.call('GET', pointer_key(owner)) == asked then
    redis.call('SET', pointer_key(owner), '', 'PX', ttl)
  end
  return {'forgotten'}
end
for place = 7, #ARGV, 2 do
  local line = ARGV[place]
  local quantity = tonumber(redis.call('HGET', key, 'q' .. line) or 0)
  local left = quantity - tonumber(ARGV[place + 1])
  if left > 0 then
    redis.call('HSET', key, 'q' .. line, left)
  elseif quantity > 0 then
    redis.call('HDEL', key, 'q' .. line, 'l' .. line)
  end
end
redis.call('HDEL', key, 'k')
version = redis.call('HINCRBY', key, 'v', 1)
redis.call('ZADD', DIRTY, version, asked)
return {'changed'}
