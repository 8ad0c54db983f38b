-- A fresh guest cart for every request: the first add makes the cart.
-- args: JSON bodies, one per line of a file
local bodies, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
end

function request()
  at = at % #bodies + 1
  return wrk.format("POST", "/api/v1/cart/add/", { ["Content-Type"] = "application/json" }, bodies[at])
end
