-- Gives back the fetch of a job that was not to be sent: BullMQ counts fetches in the window that its rate limit allows.
-- KEYS: BullMQ's limiter of the lane.
-- Returns 1 when a fetch was given back, 0 when none is counted: the window is over, or the pace has closed the lane.
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count < 1 or count >= CLOSED or redis.call('PTTL', KEYS[1]) < 0 then return 0 end
redis.call('DECR', KEYS[1])
return 1
