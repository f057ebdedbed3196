-- Gives back the fetch of a job that is not sent: BullMQ's rate limit counts fetches per window.
-- KEYS: BullMQ's limiter of the lane.
-- Returns 1 if a fetch was given back; 0 if none is counted, since the window is over or the pace closed the lane.
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count < 1 or count >= CLOSED or redis.call('PTTL', KEYS[1]) < 0 then return 0 end
redis.call('DECR', KEYS[1])
return 1
