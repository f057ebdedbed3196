-- All lanes, and when each was last used.
-- KEYS: lanes.
-- Returns the time in ms, and a flat list of names and times of last use.
local time = redis.call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') }
