-- Refunds a flow and its tenant for a job that is about to be removed from its lane before its turn (src/lanes/order/fair-order.ts).
-- KEYS: the job, the queue's prioritized set, tenants (finish tags), flows (finish ranks), turns.
-- ARGV: id, first tag, priority of jobs without a place.
local score = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0)
if score < tonumber(ARGV[2]) then return 0 end
local job = redis.call('HMGET', KEYS[1], 'name', 'priority', 'rank')
local cost, flow, tenantCost = string.match(job[1] or '', '^(%d+) (.+) @(%d+)$')
-- A job without a place has cost nothing.
if not cost or not job[3] or job[2] == ARGV[3] then return 0 end
local name = string.match(flow, '^%S+')
redis.call('ZREM', KEYS[5], name .. ' ' .. job[3] .. ' ' .. ARGV[1])
if redis.call('ZSCORE', KEYS[3], name) then redis.call('ZINCRBY', KEYS[3], -tenantCost, name) end
if redis.call('ZSCORE', KEYS[4], flow) then redis.call('ZINCRBY', KEYS[4], -cost, flow) end
return 1
