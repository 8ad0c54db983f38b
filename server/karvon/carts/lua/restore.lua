-- asked: the id of a cart that PostgreSQL remembers, '' when it remembers none; 6... its fields and values.
-- Whatever Redis knows by now wins.
if user ~= '' then
  local known = redis.call('GET', pointer_key(user))
  if known and known ~= asked then
    if known ~= '' and redis.call('EXISTS', cart_key(known)) == 1 then
      return reply(known)
    elseif known == '' then
      return {'none'}
    end
  end
  redis.call('SET', pointer_key(user), asked, 'PX', ttl)
end
if asked == '' then
  return {'none'}
end
local key = cart_key(asked)
if redis.call('EXISTS', key) == 0 then
  -- one by one: Lua hands over only some thousands of values at once, and a cart may be larger
  for place = 6, #ARGV, 2 do
    redis.call('HSET', key, ARGV[place], ARGV[place + 1])
  end
  redis.call('ZADD', TOUCHED, now, asked)
end
if redis.call('HGET', key, 'u') ~= user then
  return {'foreign'}
end
keep_alive(asked)
return reply(asked)
