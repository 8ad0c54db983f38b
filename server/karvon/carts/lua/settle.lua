-- asked: 'dirty' or 'gone'; 6... pairs of cart id and version that PostgreSQL knows by now; what changed meanwhile stays
local set = asked == 'gone' and GONE or DIRTY
for place = 6, #ARGV, 2 do
  if tonumber(redis.call('ZSCORE', set, ARGV[place]) or -1) == tonumber(ARGV[place + 1]) then
    redis.call('ZREM', set, ARGV[place])
  end
end
return {'ok'}
