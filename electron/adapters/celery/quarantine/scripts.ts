// The Lua of quarantines. Every script is short, holds the queue's lock, and moves elements without reading them.

/**
 * KEYS: lock, journal, open operations, index, then for each priority step its seven lists. ARGV: token, lock ms,
 * operation. A list's oldest element is its right end. `src` is a queue taken aside, `keep` what goes back to it, `moved`
 * the quarantine, `order` one text of 0 (moved) and 1 (kept) for each chunk, oldest first, `out` a queue being put
 * together again, `aside` what an undo does not put back.
 *
 * None of these keys has a TTL but the lock: a `maxmemory-policy` of `volatile-*` evicts keys with a TTL first. PERSIST
 * is for quarantines of earlier versions.
 *
 * A Redis user with narrow rights needs the keys `unjam:*` and, beyond reading: eval set del unlink type exists rename
 * lmove lpos lpop lpush lrem rpush expire persist hset hdel hexists. With `info` or `config|get` the preview knows the
 * eviction policy; with `time` a wrong clock of this machine deletes no quarantine early.
 */
const PRELUDE = `
local lock, journal, open, index, call = KEYS[1], KEYS[2], KEYS[3], KEYS[4], redis.call
local token, operation = ARGV[1], ARGV[3]
local entry = 'quarantine:' .. operation
local lists = {}
for i = 5, #KEYS, 7 do
  lists[#lists + 1] = { live = KEYS[i], moved = KEYS[i + 1], src = KEYS[i + 2], keep = KEYS[i + 3], order = KEYS[i + 4],
    out = KEYS[i + 5], aside = KEYS[i + 6] }
end
local holder = call('GET', lock)
if holder and holder ~= token then return { 'held', holder } end
local function release(...) call('DEL', lock) return { ... } end
local function exists(key) return call('EXISTS', key) == 1 end
local function pour(from, to, budget)
  while budget > 0 and call('LMOVE', from, to, 'RIGHT', 'LEFT') do budget = budget - 1 end
  return budget
end
call('SET', lock, token, 'PX', ARGV[2])
`

/** An operation that was taken over by somebody (`recover`) must not go on. */
const STILL_OPEN = `if call('HEXISTS', open, operation) == 0 then return release('lost') end
`

/**
 * ARGV 4 whole|staged, 5 until, 6 queue, 7 rule, 8 instant. The set of messages freezes here: one rename per list. An
 * operation that has a journal has been here before, or was given up (`FENCE`).
 */
export const TAKE = `${PRELUDE}
if exists(journal) then return release('exists', journal) end
for _, l in ipairs(lists) do
  local t = call('TYPE', l.live).ok
  if t ~= 'list' and t ~= 'none' then return release('type', l.live, t) end
  if exists(l.moved) or exists(l.src) then return release('exists', l.moved) end
end
local whole, reply = ARGV[4] == 'whole', { 'ok' }
for i, l in ipairs(lists) do
  reply[i + 1] = call('LLEN', l.live)
  if reply[i + 1] > 0 then call('RENAME', l.live, whole and l.moved or l.src) end
  if whole then call('HSET', journal, 'moved:' .. i, reply[i + 1]) end
end
call('HSET', journal, 'queue', ARGV[6], 'rule', ARGV[7], 'at', ARGV[8], 'state', whole and 'kept' or 'moving')
if not whole then
  call('HSET', open, operation, ARGV[6])
  return reply
end
call('HSET', journal, 'until', ARGV[5])
call('HSET', index, entry, ARGV[5] .. ' ' .. ARGV[6])
call('DEL', lock)
return reply`

/** ARGV 4 which list, 5 a 0 or 1 for each message from the oldest on, 6 where a 0 goes: moved|aside. */
export const STEP = `${PRELUDE}${STILL_OPEN}
local l, bits = lists[tonumber(ARGV[4])], ARGV[5]
if call('HGET', journal, 'state') ~= (ARGV[6] == 'moved' and 'moving' or 'sorting') then return release('lost') end
if call('LLEN', l.src) < #bits then return release('lost') end
local src, keep, away = l.src, l.keep, l[ARGV[6]]
for i = 1, #bits do
  call('LMOVE', src, string.byte(bits, i) == 49 and keep or away, 'RIGHT', 'LEFT')
end
if ARGV[6] == 'moved' then call('RPUSH', l.order, bits) end
return { 'ok' }`

/** ARGV 4 messages per call, 5 until. What is kept becomes the queue again, what came meanwhile stays behind it. */
export const SETTLE = `${PRELUDE}${STILL_OPEN}
local state = call('HGET', journal, 'state')
if state ~= 'moving' and state ~= 'settling' then return release('lost') end
if state == 'moving' then
  for i, l in ipairs(lists) do
    if exists(l.keep) then
      call('HSET', journal, 'newest:' .. i, call('LINDEX', l.keep, 0), 'kept:' .. i, call('LLEN', l.keep))
    end
  end
  call('HSET', journal, 'state', 'settling')
end
local budget = tonumber(ARGV[4])
for _, l in ipairs(lists) do
  if exists(l.keep) then budget = pour(l.live, l.keep, budget) end
end
if budget == 0 then return { 'more' } end
local reply = { 'ok' }
for i, l in ipairs(lists) do
  if exists(l.keep) then call('RENAME', l.keep, l.live) end
  reply[i + 1] = call('LLEN', l.moved)
  if reply[i + 1] == 0 then call('DEL', l.order) end
  call('HSET', journal, 'moved:' .. i, reply[i + 1])
end
call('HSET', journal, 'state', 'kept', 'until', ARGV[5])
call('HSET', index, entry, ARGV[5] .. ' ' .. call('HGET', journal, 'queue'))
call('HDEL', open, operation)
call('DEL', lock)
return reply`

/**
 * ARGV 4 merge|filter, 5 queue. Where the order is known, the queue is taken aside too: what workers took since is
 * missing at its right end (`skip`), newcomers stand left of the newest kept message.
 */
export const REOPEN = `${PRELUDE}
if call('HGET', journal, 'state') == 'restored' then return release('restored') end
local reply, some, total = { 'ok' }, false, 0
for i, l in ipairs(lists) do
  for _, key in ipairs({ l.live, l.moved }) do
    local t = call('TYPE', key).ok
    if t ~= 'list' and t ~= 'none' then return release('type', key, t) end
  end
  reply[i + 1] = call('LLEN', l.moved)
  total = total + reply[i + 1]
  some = some or exists(l.moved)
end
if call('HEXISTS', open, operation) == 1 then return { 'open' } end
if not some then return release('gone') end
call('HSET', journal, 'queue', ARGV[5], 'state', ARGV[4] == 'filter' and 'sorting' or 'restoring', 'there', total)
call('PERSIST', journal)
call('HSET', open, operation, ARGV[5])
for i, l in ipairs(lists) do
  call('HSET', journal, 'there:' .. i, reply[i + 1])
  call('PERSIST', l.moved)
  if not exists(l.moved) then
    call('DEL', l.order)
  elseif ARGV[4] == 'filter' then
    call('RENAME', l.moved, l.src)
  elseif exists(l.order) then
    call('PERSIST', l.order)
    local kept = tonumber(call('HGET', journal, 'kept:' .. i) or 0)
    local waiting = call('LLEN', l.live)
    local newcomers = kept > 0 and waiting > 0
      and call('LPOS', l.live, call('HGET', journal, 'newest:' .. i), 'MAXLEN', 100000)
    if newcomers then
      call('RENAME', l.live, l.keep)
      kept = math.max(0, kept - (waiting - newcomers))
    end
    call('HSET', journal, 'skip:' .. i, kept)
  end
end
return reply`

/**
 * ARGV 4 messages per call, 5 until. Puts a queue together from whatever an operation left of it: by the recorded order,
 * then oldest first quarantine, kept, not yet looked at, newcomers. Safe to call at any point, again and again. The
 * journal of an undo stays for 24 hours: called again, the undo returns the same numbers.
 */
export const GATHER = `${PRELUDE}${STILL_OPEN}
for _, l in ipairs(lists) do
  for _, key in pairs(l) do
    local t = call('TYPE', key).ok
    if t ~= 'list' and t ~= 'none' then return release('type', key, t) end
  end
end
local budget = tonumber(ARGV[4])
call('HSET', journal, 'state', 'restoring')
for i, l in ipairs(lists) do
  local bits = call('LINDEX', l.order, 0)
  while budget > 0 and bits do
    local skip = tonumber(call('HGET', journal, 'skip:' .. i) or 0)
    for at = 1, #bits do
      if string.byte(bits, at) == 48 then call('LMOVE', l.moved, l.out, 'RIGHT', 'LEFT')
      elseif skip > 0 then skip = skip - 1
      else call('LMOVE', l.keep, l.out, 'RIGHT', 'LEFT') end
    end
    call('HSET', journal, 'skip:' .. i, skip)
    call('LPOP', l.order)
    budget = budget - #bits
    bits = call('LINDEX', l.order, 0)
  end
  for _, from in ipairs({ l.moved, l.keep, l.src }) do
    if budget > 0 and exists(from) then
      if exists(l.out) then budget = pour(from, l.out, budget)
      else
        call('RENAME', from, l.out)
        call('PERSIST', l.out)
      end
    end
  end
  if budget > 0 and exists(l.out) then
    budget = pour(l.live, l.out, budget)
    if not exists(l.live) then call('RENAME', l.out, l.live) end
  end
  if budget <= 0 then return { 'more' } end
end
local there, aside = call('HGET', journal, 'there'), 0
if there then
  for _, l in ipairs(lists) do aside = aside + call('LLEN', l.aside) end
  call('HSET', journal, 'state', 'restored', 'restored', tonumber(there) - aside)
  call('HSET', index, entry, ARGV[5] .. ' ' .. call('HGET', journal, 'queue'))
else
  call('DEL', journal)
  call('HDEL', index, entry)
end
call('HDEL', open, operation)
call('DEL', lock)
return { 'ok' }`

/** ARGV 4 the entry as it was read. UNLINK frees a long list without stalling other clients. */
export const EXPIRE = `${PRELUDE}
if call('HGET', index, entry) ~= ARGV[4] or call('HEXISTS', open, operation) == 1 then return release('open') end
for _, l in ipairs(lists) do call('UNLINK', l.moved, l.order, l.aside) end
call('UNLINK', journal)
call('HDEL', index, entry)
return release('ok')`

/**
 * KEYS journal, open operations. ARGV operation, seconds. An operation that never began gets a journal, which refuses a
 * TAKE that is still on its way. 0: it has begun.
 */
export const FENCE = `
if redis.call('HGET', KEYS[1], 'state') == 'void' then return 1 end
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'void')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1`

/** KEYS lock. ARGV token. After a script that failed in its middle. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`
