BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('durable_0001');
CREATE TABLE dead_letters (
	id INTEGER NOT NULL,
	topic TEXT NOT NULL,
	step_id TEXT NOT NULL,
	data BLOB NOT NULL,
	trace_id TEXT NOT NULL,
	traceparent TEXT NOT NULL,
	tracestate TEXT NOT NULL,
	baggage TEXT NOT NULL,
	parent_id BIGINT NOT NULL,
	emitted_ms BIGINT NOT NULL,
	due_ms BIGINT NOT NULL,
	attempt INTEGER NOT NULL,
	group_id TEXT NOT NULL,
	failures TEXT DEFAULT '' NOT NULL,
	dead_ms BIGINT NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "dead_letters" VALUES(3,'work','Work',X'7B226E223A317D','Q7KPD-4821907','00-11111111111111111111111111111111-2222222222222222-01','vendor=1','user=ü',41,1700000000000,0,1,'g','{"attempt":1,"failed_ms":1700000002000,"kind":"application","message":"it''s over; really","type":"TypeError","stack":"at line 1\n at line 2","language":"python","retry":"after","retry_after_ms":500,"details":"{\"a\":1}","cause":{"kind":"schema","message":"inner","type":"","stack":"","language":"","retry":"default","retry_after_ms":0,"details":""}}
',1700000002000);
CREATE TABLE deliveries (
	id INTEGER NOT NULL,
	topic TEXT NOT NULL,
	step_id TEXT NOT NULL,
	data BLOB NOT NULL,
	trace_id TEXT NOT NULL,
	traceparent TEXT NOT NULL,
	tracestate TEXT NOT NULL,
	baggage TEXT NOT NULL,
	parent_id BIGINT NOT NULL,
	emitted_ms BIGINT NOT NULL,
	due_ms BIGINT NOT NULL,
	attempt INTEGER NOT NULL,
	group_id TEXT NOT NULL,
	failures TEXT DEFAULT '' NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "deliveries" VALUES(1,'work','Work',X'7B226E223A317D','Q7KPD-4821907','00-11111111111111111111111111111111-2222222222222222-01','vendor=1','user=ü',41,1700000000000,0,1,'g','');
INSERT INTO "deliveries" VALUES(2,'work','Work',X'7B226E223A317D','Q7KPD-4821907','00-11111111111111111111111111111111-2222222222222222-01','vendor=1','user=ü',41,1700000000000,1700000009000,2,'g','{"attempt":1,"failed_ms":1700000001000,"kind":"application","message":"first","type":"TypeError","stack":"at line 1\n at line 2","language":"python","retry":"after","retry_after_ms":500,"details":"{\"a\":1}","cause":{"kind":"schema","message":"inner","type":"","stack":"","language":"","retry":"default","retry_after_ms":0,"details":""}}
');
INSERT INTO "deliveries" VALUES(4,'work','Other',X'7B22C3BC223A22F09F9A80227D','Q7KPD-4821907','00-11111111111111111111111111111111-2222222222222222-01','vendor=1','user=ü',41,1700000000000,0,1,'g','');
CREATE TABLE state (
	group_id TEXT NOT NULL,
	"key" TEXT NOT NULL,
	value BLOB NOT NULL,
	CONSTRAINT state_pkey PRIMARY KEY (group_id, "key")
);
INSERT INTO "state" VALUES('orders','a',X'7B226E223A317D');
INSERT INTO "state" VALUES('orders','ü',X'6E756C6C');
CREATE TABLE stream_items (
	stream TEXT NOT NULL,
	group_id TEXT NOT NULL,
	item_id TEXT NOT NULL,
	item BLOB NOT NULL,
	created_ms BIGINT NOT NULL,
	created_id BIGINT NOT NULL,
	CONSTRAINT stream_items_pkey PRIMARY KEY (stream, group_id, item_id)
);
INSERT INTO "stream_items" VALUES('chat','room','1',X'7B2274657874223A226869227D',1700000000500,7354059548983297);
CREATE INDEX dead_letters_by_step ON dead_letters (step_id, id);
CREATE INDEX dead_letters_by_topic ON dead_letters (topic, id);
CREATE INDEX deliveries_by_step ON deliveries (step_id, id);
COMMIT;
