-- Put in front of every script. One cart is one hash: u owner ('' for a guest), v version, c made, t changed (ms),
-- k coupon, d delivery type, and per line l<id> = "variant|modifiers|price seen|currency|added ms" and q<id> = quantity.
-- A customer's pointer names his cart; '' means "known to have none", no pointer "not known: ask PostgreSQL".
-- All keys share the hash tag {cart}, so that a script may touch several of them on a Redis Cluster too.
-- DIRTY: changed since the last copy was written. TOUCHED: by time of change. GONE: ordered or merged. Scores: version, ms, version.
local DIRTY, TOUCHED, GONE = KEYS[1], KEYS[2], KEYS[3]
local user, asked, now, ttl, fresh = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local function cart_key(id)
  return '{cart}:' .. id
end

local function pointer_key(owner)
  return '{cart}:user:' .. owner
end

local function find()
  local id = asked
  if user ~= '' then
    id = redis.call('GET', pointer_key(user))
    if not id then
      return nil, 'unknown'
    end
  end
  if id == '' then
    return nil, 'none'
  end
  local owner = redis.call('HGET', cart_key(id), 'u')
  if not owner then
    return nil, 'unknown'
  end
  if owner ~= user then
    return nil, 'foreign'
  end
  return id
end

local function keep_alive(id)
  redis.call('PEXPIRE', cart_key(id), ttl)
  if user ~= '' then
    redis.call('PEXPIRE', pointer_key(user), ttl)
  end
end

-- the cart to change, made when there is none yet
local function open()
  local id, state = find()
  if id then
    return id
  end
  if state ~= 'none' or fresh == '' then
    return nil, state
  end
  redis.call('HSET', cart_key(fresh), 'u', user, 'v', 0, 'c', now, 't', now)
  if user ~= '' then
    redis.call('SET', pointer_key(user), fresh)
  end
  return fresh
end

-- after every change
local function touch(id)
  local version = redis.call('HINCRBY', cart_key(id), 'v', 1)
  redis.call('HSET', cart_key(id), 't', now)
  redis.call('ZADD', DIRTY, version, id)
  redis.call('ZADD', TOUCHED, now, id)
  keep_alive(id)
end

local function reply(id)
  return {'ok', id, redis.call('HGETALL', cart_key(id))}
end

-- {line id = {variant = , quantity = , data = , added = }} and the number of lines
local function lines_of(id)
  local fields, lines, count = redis.call('HGETALL', cart_key(id)), {}, 0
  for place = 1, #fields, 2 do
    local kind, line = string.sub(fields[place], 1, 1), string.sub(fields[place], 2)
    if line ~= '' and (kind == 'l' or kind == 'q') then
      local known = lines[line]
      if not known then
        known = {}
        lines[line] = known
        count = count + 1
      end
      if kind == 'q' then
        known.quantity = tonumber(fields[place + 1])
      else
        known.data = fields[place + 1]
        known.variant = string.match(known.data, '^(%d+)|')
        known.added = tonumber(string.match(known.data, '|(%d+)$'))
      end
    end
  end
  return lines, count
end

-- units of a variant in all lines
local function units_of(lines, variant)
  local units = 0
  for _, line in pairs(lines) do
    if line.variant == variant then
      units = units + line.quantity
    end
  end
  return units
end
