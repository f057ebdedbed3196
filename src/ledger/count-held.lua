-- Counts held jobs by tenant and lane, beside the sorted set of all. Records of versions that stored no tenant are not counted.
local function count_held(held, lane, tenant, by)
  if not lane or not tenant or tenant == '' then return end
  local counts, field = held .. '-by', tenant .. ' ' .. lane
  if redis.call('HINCRBY', counts, field, by) <= 0 then redis.call('HDEL', counts, field) end
  -- Records that Redis lost are never subtracted: start over when nothing is held.
  if by < 0 and redis.call('ZCARD', held) == 0 then redis.call('DEL', counts) end
end
