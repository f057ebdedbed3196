-- The lanes there are, and when each was last used.
-- KEYS: lanes.
-- Returns the time in ms, and a list of names and times of last use in turns.
local time = redis.call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') }
