local id, state = find()
if not id then
  return {state}
end
for line, _ in pairs(lines_of(id)) do
  redis.call('HDEL', cart_key(id), 'l' .. line, 'q' .. line)
end
redis.call('HDEL', cart_key(id), 'k')
touch(id)
return reply(id)
