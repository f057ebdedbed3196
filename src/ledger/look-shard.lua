-- What a shard holds at one moment.
-- KEYS: held, outbox, leases, bytes, then what is held of each lane.
-- Returns the time in ms, jobs held, outcomes waiting, their bytes, leases, when the first lease is due ('' = none), when
-- the oldest outcome was stored ('' = none), then when the oldest job of each lane was accepted ('' = none).
local held, outbox, leases, bytes = unpack(KEYS)
local time = redis.call('TIME')
local lease = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
local outcome = redis.call('XRANGE', outbox, '-', '+', 'COUNT', 1)
local found = { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('ZCARD', held), redis.call('XLEN', outbox),
  tonumber(redis.call('GET', bytes) or '0'), redis.call('ZCARD', leases), lease[2] or '',
  outcome[1] and string.match(outcome[1][1], '^%d+') or '' }
for index = 5, #KEYS do
  local oldest = redis.call('ZRANGE', KEYS[index], 0, 0, 'WITHSCORES')
  -- Without its record nobody knew the lane to remove a job from.
  while oldest[1] and not redis.call('ZSCORE', held, oldest[1]) do
    redis.call('ZREM', KEYS[index], oldest[1])
    oldest = redis.call('ZRANGE', KEYS[index], 0, 0, 'WITHSCORES')
  end
  found[#found + 1] = oldest[2] or ''
end
return found
