-- Portable SQL: no automatic keys, flags as 0 and 1, times in milliseconds since the Unix epoch,
-- structured values as JSON in TEXT that only the gateway reads.

CREATE TABLE users (
    account TEXT NOT NULL PRIMARY KEY,
    nickname TEXT NOT NULL DEFAULT '',
    language TEXT,
    utc_offset_minutes BIGINT NOT NULL DEFAULT 0,
    -- The global mute, as JSON; NULL: none.
    mute TEXT,
    -- Signatures made before this second are void.
    kicked_s BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE devices (
    account TEXT NOT NULL,
    device TEXT NOT NULL,
    platform TEXT NOT NULL,
    absent TEXT,
    connection BIGINT,
    background BIGINT NOT NULL DEFAULT 0,
    heard_ms BIGINT,
    login_ms BIGINT NOT NULL,
    badge BIGINT NOT NULL DEFAULT 0,
    language TEXT,
    -- The ordinary binding; a NULL token: push is off.
    business_id BIGINT NOT NULL DEFAULT 0,
    token TEXT,
    is_tpns BIGINT NOT NULL DEFAULT 0,
    voip_certificate BIGINT NOT NULL DEFAULT 0,
    voip_token TEXT,
    -- The bindings of Live Activities, as JSON; NULL: none.
    live_activities TEXT,
    PRIMARY KEY (account, device)
);
CREATE INDEX devices_by_token ON devices (token);

-- A user's option for a conversation: 'c:' and the peer, or 'g:' and the group.
CREATE TABLE receive_options (
    account TEXT NOT NULL,
    conversation TEXT NOT NULL,
    opt BIGINT NOT NULL,
    PRIMARY KEY (account, conversation)
);

CREATE TABLE chat_groups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    -- The number of its last message.
    seq BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE members (
    group_id TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (group_id, account)
);
CREATE INDEX members_by_account ON members (account);

CREATE TABLE tags (
    account TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (account, tag)
);
CREATE INDEX tags_by_tag ON tags (tag);

CREATE TABLE attributes (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
);

-- What is kept of a message: enough to explain, to count, and to know a repeat. Never its body.
CREATE TABLE messages (
    id TEXT NOT NULL PRIMARY KEY,
    -- 'c2c', 'group' or 'push'.
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    group_id TEXT,
    data_id TEXT,
    seq BIGINT NOT NULL,
    random BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- The rule that kept it from everybody; NULL: each device was judged.
    rule TEXT,
    detail TEXT NOT NULL DEFAULT '',
    revoked_ms BIGINT
);
CREATE INDEX messages_by_time ON messages (at_ms);

-- The fingerprint of a message, until when a repeat of it is dropped.
CREATE TABLE repeats (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    message_id TEXT NOT NULL,
    until_ms BIGINT NOT NULL
);
CREATE INDEX repeats_by_time ON repeats (until_ms);

-- A notification that goes to one or more devices through one certificate.
CREATE TABLE notes (
    message_id TEXT NOT NULL,
    note BIGINT NOT NULL,
    certificate BIGINT NOT NULL,
    vendor TEXT NOT NULL,
    way TEXT NOT NULL,
    notification TEXT NOT NULL,
    -- The rules that shaped it, and what was lost or cut in mapping, as JSON lists.
    rules TEXT NOT NULL,
    losses TEXT NOT NULL,
    PRIMARY KEY (message_id, note)
);

-- What was decided about one device, and what became of it.
CREATE TABLE deliveries (
    message_id TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Empty: the user has no device.
    device TEXT NOT NULL,
    rule TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    -- -1 or -2 where a push was due and could not be sent.
    loss BIGINT,
    -- 'silent', 'queued', 'accepted', 'refused' or 'unsure'.
    state TEXT NOT NULL,
    note BIGINT,
    parcel BIGINT,
    token TEXT,
    -- Of a refusal, or of what was last heard.
    class TEXT,
    http_status BIGINT,
    code TEXT,
    words TEXT,
    -- The vendor's id of the message.
    vendor_id TEXT,
    -- Whether it went out again after it may have been sent.
    resent BIGINT NOT NULL DEFAULT 0,
    done_ms BIGINT,
    PRIMARY KEY (message_id, account, device)
);
CREATE INDEX deliveries_by_parcel ON deliveries (message_id, note, parcel);

-- The outbox: targets of a note that go out together. A row is there until its verdicts are.
CREATE TABLE parcels (
    message_id TEXT NOT NULL,
    note BIGINT NOT NULL,
    parcel BIGINT NOT NULL,
    -- [[account, device, token], ...]
    targets TEXT NOT NULL,
    -- 0 waits, 1 is on its way: after a restart it may have been sent.
    sending BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    due_ms BIGINT NOT NULL,
    PRIMARY KEY (message_id, note, parcel)
);
CREATE INDEX parcels_by_time ON parcels (sending, due_ms);

-- Each time a parcel went to the vendor.
CREATE TABLE attempts (
    message_id TEXT NOT NULL,
    note BIGINT NOT NULL,
    parcel BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    accepted BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    unsure BIGINT NOT NULL DEFAULT 0,
    -- Why it came to nothing as a whole; NULL: it did not.
    problem TEXT,
    PRIMARY KEY (message_id, note, parcel, attempt)
);

-- What vendors report later.
CREATE TABLE receipts (
    message_id TEXT NOT NULL,
    account TEXT NOT NULL,
    device TEXT NOT NULL,
    event TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    at_ms BIGINT,
    received_ms BIGINT NOT NULL,
    PRIMARY KEY (message_id, account, device, event)
);

-- Webhook events that are still to be posted.
CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    command TEXT NOT NULL,
    body TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    due_ms BIGINT NOT NULL
);
CREATE INDEX events_by_time ON events (due_ms);
