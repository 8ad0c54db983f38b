-- Whole checkouts, three requests each: the first line begins a guest's cart, the second joins it, the cart is ordered.
-- args: a file with two variants and an order's body per line, parted by tabs; what is expected is 200, 200, 201.
local pairs_, at = {}, 0
local second, ready = {}, {} -- carts that wait for their second line; carts to be ordered
local JSON = "application/json"
placed, wrong = 0, 0 -- of each thread; `done` collects them
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  for line in io.lines(args[1]) do
    local one, two, body = line:match("^(%d+)\t(%d+)\t(.*)$")
    pairs_[#pairs_ + 1] = { one = one, two = two, body = body }
  end
end

local function post(path, body, cart)
  return wrk.format("POST", path, { ["Host"] = "localhost", ["Content-Type"] = JSON, ["X-Cart-ID"] = cart }, body)
end

local function add(variant, cart)
  return post("/api/v1/cart/add/", '{"variant_id":' .. variant .. ',"quantity":1}', cart)
end

function request()
  at = at % #pairs_ + 1
  if #ready > 0 then
    return post("/api/v1/orders/", pairs_[at].body, table.remove(ready))
  end
  if #second > 0 then
    local waiting = table.remove(second)
    return add(pairs_[waiting.pair].two, waiting.cart)
  end
  return add(pairs_[at].one)
end

function response(status, headers, body)
  if status == 201 then
    placed = placed + 1
  elseif status ~= 200 then
    wrong = wrong + 1
  else
    local cart = body:match('"id":"([0-9a-f-]+)"')
    if body:find('"item_count":2', 1, true) then
      ready[#ready + 1] = cart
    else
      second[#second + 1] = { cart = cart, pair = at }
    end
  end
end

function done(summary, latency)
  local orders, refused = 0, 0
  for _, thread in ipairs(threads) do
    orders, refused = orders + thread:get("placed"), refused + thread:get("wrong")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"right":%d,"wrong":%d,"over_399":%d,"broken":%d,"busy":0,' ..
    '"p50":%.3f,"p95":%.3f,"p99":%.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, orders, refused, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
