-- Gives a flow back what a job cost it that is about to be taken out of its lane before its turn: src/pace/fair-order.ts.
-- KEYS: the job, the queue's prioritized set, flows (finish tags).  ARGV: id, first tag, priority of what is not placed.
local score = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0)
if score < tonumber(ARGV[2]) then return 0 end
local job = redis.call('HMGET', KEYS[1], 'name', 'priority')
local cost, flow = string.match(job[1] or '', '^(%d+) (.+)$')
-- One that is not placed yet has cost nothing.
if not cost or job[2] == ARGV[3] or not redis.call('ZSCORE', KEYS[3], flow) then return 0 end
redis.call('ZINCRBY', KEYS[3], -cost, flow)
return 1
