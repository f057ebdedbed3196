-- Records that a job of a lane waits for a budget.  KEYS: the lane's set of these.  ARGV: the job, ms until it is due.
local waits = KEYS[1]
local job, dueMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Jobs whose time has come are delayed no longer.
redis.call('ZREMRANGEBYSCORE', waits, '-inf', now)
redis.call('ZADD', waits, now + dueMs, job)
if redis.call('PTTL', waits) < tonumber(dueMs) then redis.call('PEXPIRE', waits, dueMs) end
