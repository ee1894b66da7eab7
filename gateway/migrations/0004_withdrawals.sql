-- Notifications of recalled messages that are to be taken back from phones, or were.
CREATE TABLE withdrawals (
    message_id TEXT NOT NULL,
    note BIGINT NOT NULL,
    -- Whose; empty: everybody's.
    account TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    -- When the vendor is asked; NULL: it is settled.
    due_ms BIGINT,
    done_ms BIGINT,
    -- What the vendor had against it; NULL: nothing.
    problem TEXT,
    PRIMARY KEY (message_id, note, account)
);
CREATE INDEX withdrawals_by_time ON withdrawals (due_ms);
