-- Included by the scripts of budgets: an amount as a whole number in text, never negative, never more than a counter holds
-- exactly; '0' for what is no number.
local MOST = 9007199254740991
local function whole(text)
  local amount = tonumber(text)
  if not amount or not (amount > 0) then return '0' end
  return string.format('%.0f', math.min(MOST, amount))
end
-- What a hold is of: its name ends in it.
local function amountOf(hold) return whole(string.match(hold, ':([^:]*)$')) end
