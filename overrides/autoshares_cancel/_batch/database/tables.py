"""Our tables beside those of the queue, in a schema of their own. What they hold is known of a sweep and of each order.

PgQueuer owns the jobs: which order waits, which worker has leased it, and whose lease has ended. Here stands what an
order has become: how often it was leased, how often it was begun and not undone, and its outcome. `leases` never
falls, so it tells the last lease from all others.

An order is changed by INSERT ... ON CONFLICT, although it is always there, because that finds it by the primary key.
How an UPDATE of many orders finds them depends on statistics, which are missing or old while a sweep is worked off: it
has read all open orders for each change.
"""

from typing import Final

SCHEMA: Final = "autoshares_cancel"
QUEUE: Final = "pgqueuer"
"""The table of jobs, which is PgQueuer's."""
INSTALLING: Final = "SELECT pg_advisory_xact_lock(1635087471)"
"""Two processes that start at once do not install twice."""
BEGIN_TRANSACTION: Final = """
SET LOCAL search_path = autoshares_cancel;
SET LOCAL synchronous_commit = on;
SET LOCAL idle_in_transaction_session_timeout = '5s';
SET LOCAL enable_sort = off;
SET LOCAL jit = off
"""
"""A commit has reached the disk. A process that vanishes in a transaction holds its orders for no longer than that.

The next orders are found by an index that has their sequence. Without this the planner, which knows nothing of a table
that was just filled, sorts all that wait for each lease of some.
"""
MAY_IDLE: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""A reader of outcomes may be slow: it holds no lock."""
IS_INSTALLED: Final = "SELECT to_regclass('autoshares_cancel.sweep_order_ended') IS NOT NULL"
"""The last thing that is made. To make it again, even if it is there, would wait for every writer."""
LOCK_JOBS: Final = "SELECT id FROM pgqueuer WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

INSTALL: Final = """
CREATE TABLE IF NOT EXISTS sweep (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    options jsonb NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    is_filled boolean NOT NULL DEFAULT false,
    not_before timestamptz NOT NULL DEFAULT 'epoch'
);
CREATE TABLE IF NOT EXISTS sweep_order (
    sweep integer NOT NULL REFERENCES sweep,
    account_id integer NOT NULL,
    order_id integer NOT NULL,
    leases integer NOT NULL DEFAULT 0,
    begun integer NOT NULL DEFAULT 0,
    outcome json,
    kind text,
    ended timestamptz,
    PRIMARY KEY (sweep, account_id, order_id)
);
CREATE INDEX IF NOT EXISTS sweep_order_open ON sweep_order (sweep) WHERE kind IS NULL;
CREATE INDEX IF NOT EXISTS sweep_order_ended ON sweep_order (sweep, ended) WHERE kind IS NOT NULL;
"""

MAKE: Final = "INSERT INTO sweep (name, options) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING"
FIND: Final = "SELECT id, options FROM sweep WHERE name = %s"
OPEN: Final = """
SELECT name FROM sweep s
WHERE NOT is_filled OR EXISTS (SELECT FROM sweep_order o WHERE o.sweep = s.id AND kind IS NULL) ORDER BY id
"""
FILLED: Final = "UPDATE sweep SET is_filled = true WHERE id = %s"
ADD: Final = """
INSERT INTO sweep_order (sweep, account_id, order_id)
SELECT %s, account_id, order_id FROM unnest(%s::int[], %s::int[]) AS new (account_id, order_id)
ON CONFLICT DO NOTHING RETURNING account_id, order_id
"""
BEGIN: Final = """
INSERT INTO sweep_order AS o (sweep, account_id, order_id, leases, begun)
SELECT %s, account_id, order_id, 1, 1 FROM unnest(%s::int[], %s::int[]) AS taken (account_id, order_id)
ON CONFLICT (sweep, account_id, order_id) DO UPDATE SET leases = o.leases + 1, begun = o.begun + 1
WHERE o.kind IS NULL
RETURNING account_id, order_id, leases, begun > 1
"""
END: Final = """
INSERT INTO sweep_order AS o (sweep, account_id, order_id, leases, outcome, kind, ended)
SELECT %s, account_id, order_id, nth, outcome, outcome->>'outcome', clock_timestamp()
FROM unnest(%s::int[], %s::int[], %s::int[], %s::json[]) AS ended (account_id, order_id, nth, outcome)
ON CONFLICT (sweep, account_id, order_id) DO UPDATE SET outcome = excluded.outcome, kind = excluded.kind,
    ended = excluded.ended
WHERE o.leases = excluded.leases AND o.kind IS NULL
RETURNING account_id, order_id
"""
GIVE_BACK: Final = """
INSERT INTO sweep_order AS o (sweep, account_id, order_id, leases, begun)
SELECT %s, account_id, order_id, nth, undone
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS given (account_id, order_id, nth, undone)
ON CONFLICT (sweep, account_id, order_id) DO UPDATE SET leases = o.leases + 1, begun = o.begun - excluded.begun
WHERE o.leases = excluded.leases AND o.kind IS NULL
RETURNING account_id, order_id
"""
HOLD: Final = """
UPDATE sweep SET not_before = greatest(not_before, now() + %s * interval '1 second') WHERE id = %s
"""
HELD: Final = "SELECT extract(epoch FROM not_before - now())::float8 FROM sweep WHERE id = %s"
LEFT: Final = """
SELECT is_filled, EXISTS (SELECT FROM sweep_order o WHERE o.sweep = s.id AND kind IS NULL)
FROM sweep s WHERE id = %s
"""
COUNTS: Final = """
SELECT kind, count(*), count(*) FILTER (WHERE kind IS NULL AND begun > 0)
FROM sweep_order WHERE sweep = %s GROUP BY 1
"""
RECENT: Final = """
SELECT count(*)::int, coalesce(extract(epoch FROM clock_timestamp() - min(ended)), 0)::float8
FROM sweep_order
WHERE sweep = %s AND kind IS NOT NULL AND ended > clock_timestamp() - interval '30 seconds'
"""
OUTCOMES: Final = """
SELECT outcome FROM sweep_order WHERE sweep = %s AND kind IS NOT NULL ORDER BY account_id, order_id
"""
