-- a cart for who has none yet; an existing one is left as it is
local known = find()
local id, state = open()
if not id then
  return {state}
end
if not known then
  touch(id)
end
return reply(id)
