-- The state of a lane at one moment. Changes nothing.
-- KEYS: pace, overrides, calls in flight, then BullMQ's meta, metrics of completed and of failed jobs, and its jobs by state:
-- two lists (wait, active), then sorted sets, delayed jobs second; last, what it did lately.
-- Returns the time in ms; pace, overrides, calls and what it did lately as stored; whether it is paused, the most calls in flight ('' = any number),
-- jobs ever completed and ever failed, delayed jobs that are due, then the number of jobs in each state.
local time = redis.call('TIME')
local meta = redis.call('HMGET', KEYS[4], 'paused', 'concurrency')
local found = { time[1] * 1000 + math.floor(time[2] / 1000) }
for index = 1, 3 do found[#found + 1] = redis.call('HGETALL', KEYS[index]) end
found[#found + 1] = redis.call('HGETALL', KEYS[#KEYS])
found[#found + 1] = meta[1] and 1 or 0
found[#found + 1] = meta[2] or ''
for index = 5, 6 do found[#found + 1] = tonumber(redis.call('HGET', KEYS[index], 'count') or '0') end
-- BullMQ's score of a delayed job is its due time times 4096, plus a counter.
found[#found + 1] = redis.call('ZCOUNT', KEYS[10], '-inf', string.format('(%.0f', (found[1] + 1) * 4096))
for index = 7, 8 do found[#found + 1] = redis.call('LLEN', KEYS[index]) end
for index = 9, #KEYS - 1 do found[#found + 1] = redis.call('ZCARD', KEYS[index]) end
return found
