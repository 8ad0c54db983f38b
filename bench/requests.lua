-- Sends the requests of a file, one per line: method, path, cart id or "Bearer <token>" or "Name: value|Name: value", body, parted
-- by tabs ("" where there is none).
-- args: the file, the expected status (0: only statuses over 399 count as wrong, which costs wrk nothing),
-- "repeat" or "once" (each request is sent once, then the thread stops)
local requests, at, expected, once = {}, 0, 0, false
right, wrong, first, last = 0, 0, 0, 0 -- of each thread; `done` collects them
local threads = {}

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } karvon_time;
  int clock_gettime(int clock, karvon_time *time);
]]
local clock, REALTIME = ffi.new("karvon_time"), 0

local function now()
  ffi.C.clock_gettime(REALTIME, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) / 1e9
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  for line in io.lines(args[1]) do
    local method, path, cart, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t(.*)$")
    local headers = { ["Host"] = "localhost" }
    if cart:sub(1, 7) == "Bearer " then
      headers["Authorization"] = cart
    elseif cart:find(": ", 1, true) then
      for name, value in cart:gmatch("([^:|]+): ([^|]+)") do headers[name] = value end
    elseif cart ~= "" then
      headers["X-Cart-ID"] = cart
    end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  expected, once = tonumber(args[2]), args[3] == "once"
  if expected ~= 0 then
    response = check
  end
end

function request()
  at = at + 1
  if at > #requests then
    if once then
      wrk.thread:stop()
    end
    at = 1
  end
  if first == 0 then first = now() end
  return requests[at]
end

function check(status)
  last = now()
  if status == expected then right = right + 1 else wrong = wrong + 1 end
end

function done(summary, latency)
  local total = { right = 0, wrong = 0, busy = 0 }
  for _, thread in ipairs(threads) do
    total.right = total.right + thread:get("right")
    total.wrong = total.wrong + thread:get("wrong")
    total.busy = math.max(total.busy, thread:get("last") - thread:get("first"))
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"right":%d,"wrong":%d,"over_399":%d,"broken":%d,"busy":%.6f,' ..
    '"p50":%.3f,"p95":%.3f,"p99":%.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, total.right, total.wrong, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, total.busy,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
