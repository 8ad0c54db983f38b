-- Each connection thread walks its own share of prepared carts: one POST /orders/ per cart, then stops asking.
-- args: file with one cart id per line, the JSON body
local carts, at, body = {}, 0, ""

function init(args)
  body = args[2]
  for line in io.lines(args[1]) do carts[#carts + 1] = line end
end

function request()
  at = at + 1
  if at > #carts then
    wrk.thread:stop()
    return wrk.format("GET", "/health/live")
  end
  return wrk.format("POST", "/api/v1/orders/", {
    ["Content-Type"] = "application/json",
    ["X-Cart-ID"] = carts[at],
  }, body)
end

local refused = 0
function response(status)
  if status ~= 201 and status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
  io.write(string.format("refused_in_thread %d\n", refused))
end
