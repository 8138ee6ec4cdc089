BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE coupon (
	pair VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	uuid VARCHAR NOT NULL, checked VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_coupon PRIMARY KEY (pair, code)
);
CREATE TABLE customer_link (
	pair VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	partnero_id VARCHAR NOT NULL, 
	tolt_id VARCHAR NOT NULL, 
	CONSTRAINT pk_customer_link PRIMARY KEY (pair, version, partnero_id)
);
CREATE TABLE decision (
	pair VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	take VARCHAR NOT NULL, 
	seen VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	fields VARCHAR NOT NULL, 
	lost VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, version VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (pair, id)
);
CREATE TABLE failure (
	pair VARCHAR NOT NULL, 
	change_id VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	runs INTEGER NOT NULL, 
	detail VARCHAR NOT NULL, 
	CONSTRAINT pk_failure PRIMARY KEY (pair, change_id)
);
INSERT INTO "failure" VALUES('p0','c_parked','CODE000001',1,'looked at twice: Tolt does not credit CODE000001 to this customer');
INSERT INTO "failure" VALUES('p0','c_failed','CODE000002',1,'Tolt: 400');
CREATE TABLE intent (
	id VARCHAR NOT NULL, 
	pair VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	change_id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	change VARCHAR NOT NULL, 
	copied VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, version VARCHAR DEFAULT '' NOT NULL, looks INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (id)
);
INSERT INTO "intent" VALUES('i_open','p0','r_cut','c_1','code000001','CODE000001','delete','tolt','uncertain','{}','','','2026-11-22T14:00:00.000000Z','v2',0);
CREATE TABLE lease (
	pair VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	token INTEGER NOT NULL, 
	expires INTEGER NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (pair)
);
INSERT INTO "lease" VALUES('p0','',3,0);
CREATE TABLE link (
	pair VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	written VARCHAR NOT NULL, 
	partnero_id VARCHAR NOT NULL, 
	partnero_discount VARCHAR NOT NULL, 
	partnero_partner VARCHAR, 
	tolt_id VARCHAR NOT NULL, 
	tolt_code VARCHAR NOT NULL, 
	tolt_discount VARCHAR NOT NULL, 
	tolt_partner VARCHAR, 
	version VARCHAR NOT NULL, 
	unset VARCHAR NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (pair, "key")
);
INSERT INTO "link" VALUES('p0','code000000','CODE000000','CODE000000','percentage:5','prt_t000000004','promo_t000000008','code000000','percentage:5','part_t000000004','v2','');
INSERT INTO "link" VALUES('p0','code000001','CODE000001','CODE000001','percentage:6','prt_t000000005','promo_t000000011','code000001','percentage:6','part_t000000005','v2','');
INSERT INTO "link" VALUES('p0','code000002','CODE000002','CODE000002','percentage:7','prt_t000000004','promo_t000000014','code000002','percentage:7','part_t000000004','v2','');
INSERT INTO "link" VALUES('p0','code000003','CODE000003','CODE000003','percentage:8','prt_t000000005','promo_t000000017','code000003','percentage:8','part_t000000005','v2','');
CREATE TABLE meta (
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('identity','488c6d72b3b5432c8ff0846861efc06b');
INSERT INTO "meta" VALUES('born','2026-11-22T12:15:00Z');
INSERT INTO "meta" VALUES('salt','ab89ae802c18233348399e0a7254b54c');
CREATE TABLE pair_state (
	pair VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_pair_state PRIMARY KEY (pair, name)
);
INSERT INTO "pair_state" VALUES('p0','fingerprints','{"partnero": "prog_t000000001", "partnero.currency": "USD", "partnero.key": "a445008ab861848c1f6c9aca", "partnero.kind": "affiliate, as far as it is told", "tolt": "prg_t000000003", "tolt.currency": "USD", "tolt.key": "f544a842495d7037fdcb466b", "tolt.version": "v2"}');
INSERT INTO "pair_state" VALUES('p0','counts','{"partnero": 3, "tolt": 4}');
INSERT INTO "pair_state" VALUES('p0','rest','{}');
INSERT INTO "pair_state" VALUES('p0','aside','{"partnero": [], "tolt": []}');
INSERT INTO "pair_state" VALUES('p0','latest','{"findings": [], "waiting": [{"action": "delete", "code": "CODE000003", "commands": ["partnero-tolt decide CODE000003 --take partnero", "partnero-tolt decide CODE000003 --take tolt", "partnero-tolt decide CODE000003 --keep", "partnero-tolt apply --only c_4a30abe8c676 --accept c_4a30abe8c676"], "decided": false, "decision": null, "fields": [{"base": "code000003", "field": "code", "new": null, "partnero": null, "tolt": "CODE000003"}, {"base": "8%", "field": "discount", "new": null, "partnero": null, "tolt": "8%"}, {"base": "p***@example.com (prt_t000000005)", "field": "partner", "new": null, "partnero": null, "tolt": "p***@example.com (part_t000000005)"}], "id": "c_4a30abe8c676", "lost": ["the id that its customers and transactions point to"], "message": "CODE000003 is gone on Partnero. Delete it on Tolt too?", "needs": [], "precondition": {"partnero": null, "tolt": ["promo_t000000017", "code000003", "percentage:8", "part_t000000005"]}, "raises_exposure": false, "reason": "gone_on_partnero", "row": 12, "status": "held", "target": "tolt", "values": {}}]}');
INSERT INTO "pair_state" VALUES('p0','window','{"full_at": "2026-11-22T12:45:03Z", "inputs": "281c745743365ede73ac5587412710d4d5e1c0ebf8e3460936ed59e5e364e602", "partnero": "3c7f6e5c91c96cf461f1fb3c8a7b83493f45d3999a3721033b99f014ec54d6e7", "run": "r_20261122T131504_d3db76", "since": "2026-11-22T12:40:03Z"}');
INSERT INTO "pair_state" VALUES('p0','learned','{"tolt.11": "yes"}');
INSERT INTO "pair_state" VALUES('p0','alarm','["partial"]');
INSERT INTO "pair_state" VALUES('p0','mark','"2026-11-22T12:00:00Z"');
CREATE TABLE partner_link (
	pair VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	partnero_id VARCHAR NOT NULL, 
	tolt_id VARCHAR NOT NULL, how VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_partner_link PRIMARY KEY (pair, version, partnero_id)
);
INSERT INTO "partner_link" VALUES('p0','v2','prt_t000000004','part_t000000004','email');
INSERT INTO "partner_link" VALUES('p0','v2','prt_t000000005','part_t000000005','email');
CREATE TABLE redemption (
	pair VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	standing VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	logged INTEGER NOT NULL, 
	logged_at VARCHAR NOT NULL, 
	sales INTEGER, 
	sold VARCHAR NOT NULL, 
	buyer VARCHAR NOT NULL, 
	sold_at VARCHAR NOT NULL, 
	charges VARCHAR NOT NULL, 
	charged VARCHAR NOT NULL, 
	customer VARCHAR NOT NULL, 
	charged_at VARCHAR NOT NULL, 
	refunded BOOLEAN NOT NULL, 
	pushed VARCHAR NOT NULL, folded VARCHAR DEFAULT '' NOT NULL, refunds VARCHAR DEFAULT '' NOT NULL, evidence VARCHAR DEFAULT '' NOT NULL, linked VARCHAR DEFAULT '' NOT NULL, doubt VARCHAR DEFAULT '' NOT NULL, checked VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_redemption PRIMARY KEY (pair, code, "key")
);
CREATE TABLE redemption_mark (
	pair VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_redemption_mark PRIMARY KEY (pair, name)
);
CREATE TABLE redemption_total (
	pair VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	standing VARCHAR NOT NULL, 
	currency VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	partnero BIGINT NOT NULL, 
	tolt BIGINT NOT NULL, 
	CONSTRAINT pk_redemption_total PRIMARY KEY (pair, code, standing, currency)
);
CREATE TABLE run (
	id VARCHAR NOT NULL, 
	pair VARCHAR NOT NULL, 
	command VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	started_at VARCHAR NOT NULL, 
	finished_at VARCHAR NOT NULL, 
	document VARCHAR NOT NULL, seq INTEGER DEFAULT '0' NOT NULL, passes INTEGER DEFAULT '0' NOT NULL, since VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (id)
);
INSERT INTO "run" VALUES('r_20261122T121500_25aa78','p0','run','complete','2026-11-22T12:15:00Z','2026-11-22T12:15:01Z','{"format": "partnero-tolt/run", "version": 1, "run": "r_20261122T121500_25aa78", "pair": "p0", "command": "run", "status": "complete", "started_at": "2026-11-22T12:15:00Z", "finished_at": "2026-11-22T12:15:01Z", "plan": {"compared": 4, "in_sync": 4, "only_on_partnero": 0, "only_on_tolt": 0, "differ": 0, "collisions": 0, "unproven": 0, "adopt": 4, "create": 0, "update": 0, "replace": 0, "delete": 0, "ready": 4, "held": 0, "blocked": 0, "findings": 0, "accepted": 0, "redemptions": {"in_sync": null, "missing_on_partnero": null, "missing_on_tolt": null, "without_key": null, "twice": null, "differs": null}}, "refused": null, "outcomes": [{"id": "c_5d92e8e9bd71", "code": "CODE000000", "action": "adopt", "target": "state", "outcome": "adopted", "detail": ""}, {"id": "c_b6671562d6b5", "code": "CODE000001", "action": "adopt", "target": "state", "outcome": "adopted", "detail": ""}, {"id": "c_a00349c7caaf", "code": "CODE000002", "action": "adopt", "target": "state", "outcome": "adopted", "detail": ""}, {"id": "c_39ff71a4e644", "code": "CODE000003", "action": "adopt", "target": "state", "outcome": "adopted", "detail": ""}], "missing": [], "requests": {"partnero": 4, "tolt": 3}, "redemptions_not_compared": "Tolt''s sales are not read for it, because the configuration has no line for them and no code on Partnero was ever redeemed. To have them compared: redemptions = \"report\" in [pairs.policy]"}',1,0,'');
INSERT INTO "run" VALUES('r_20261122T123002_ecef6c','p0','run','complete','2026-11-22T12:30:02Z','2026-11-22T12:30:02Z','{"format": "partnero-tolt/run", "version": 1, "run": "r_20261122T123002_ecef6c", "pair": "p0", "command": "run", "status": "complete", "started_at": "2026-11-22T12:30:02Z", "finished_at": "2026-11-22T12:30:02Z", "plan": {"compared": 4, "in_sync": 4, "only_on_partnero": 0, "only_on_tolt": 0, "differ": 0, "collisions": 0, "unproven": 0, "adopt": 0, "create": 0, "update": 0, "replace": 0, "delete": 0, "ready": 0, "held": 0, "blocked": 0, "findings": 0, "accepted": 0, "redemptions": {"in_sync": null, "missing_on_partnero": null, "missing_on_tolt": null, "without_key": null, "twice": null, "differs": null}}, "refused": null, "outcomes": [], "missing": [], "requests": {"partnero": 3, "tolt": 2}, "redemptions_not_compared": "Tolt''s sales are not read for it, because the configuration has no line for them and no code on Partnero was ever redeemed. To have them compared: redemptions = \"report\" in [pairs.policy]"}',2,1,'2026-11-22T12:30:02Z');
INSERT INTO "run" VALUES('r_20261122T124503_625e28','p0','run','complete','2026-11-22T12:45:03Z','2026-11-22T12:45:03Z','{"format": "partnero-tolt/run", "version": 1, "run": "r_20261122T124503_625e28", "pair": "p0", "command": "run", "status": "complete", "started_at": "2026-11-22T12:45:03Z", "finished_at": "2026-11-22T12:45:03Z", "plan": {"compared": 4, "in_sync": 3, "only_on_partnero": 0, "only_on_tolt": 1, "differ": 0, "collisions": 0, "unproven": 0, "adopt": 0, "create": 0, "update": 0, "replace": 0, "delete": 1, "ready": 0, "held": 1, "blocked": 0, "findings": 0, "accepted": 0, "redemptions": {"in_sync": null, "missing_on_partnero": null, "missing_on_tolt": null, "without_key": null, "twice": null, "differs": null}}, "refused": null, "outcomes": [], "missing": [], "requests": {"partnero": 5, "tolt": 2}, "redemptions_not_compared": "Tolt''s sales are not read for it, because the configuration has no line for them and no code on Partnero was ever redeemed. To have them compared: redemptions = \"report\" in [pairs.policy]"}',3,1,'2026-11-22T12:45:03Z');
INSERT INTO "run" VALUES('r_20261122T130003_dd4f5c','p0','run','complete','2026-11-22T13:00:03Z','2026-11-22T13:00:04Z','{"format": "partnero-tolt/run", "version": 1, "run": "r_20261122T130003_dd4f5c", "pair": "p0", "command": "run", "status": "complete", "started_at": "2026-11-22T13:00:03Z", "finished_at": "2026-11-22T13:00:04Z", "plan": {"compared": 4, "in_sync": 3, "only_on_partnero": 0, "only_on_tolt": 1, "differ": 0, "collisions": 0, "unproven": 0, "adopt": 0, "create": 0, "update": 0, "replace": 0, "delete": 1, "ready": 0, "held": 1, "blocked": 0, "findings": 0, "accepted": 0, "redemptions": {"in_sync": null, "missing_on_partnero": null, "missing_on_tolt": null, "without_key": null, "twice": null, "differs": null}}, "refused": null, "outcomes": [], "missing": [], "requests": {"partnero": 3, "tolt": 2}}',4,1,'2026-11-22T13:00:03Z');
INSERT INTO "run" VALUES('r_20261122T131504_d3db76','p0','run','complete','2026-11-22T13:15:04Z','2026-11-22T13:15:04Z','{"format": "partnero-tolt/run", "version": 1, "run": "r_20261122T131504_d3db76", "pair": "p0", "command": "run", "status": "complete", "started_at": "2026-11-22T13:15:04Z", "finished_at": "2026-11-22T13:15:04Z", "plan": {"compared": 4, "in_sync": 3, "only_on_partnero": 0, "only_on_tolt": 1, "differ": 0, "collisions": 0, "unproven": 0, "adopt": 0, "create": 0, "update": 0, "replace": 0, "delete": 1, "ready": 0, "held": 1, "blocked": 0, "findings": 0, "accepted": 0, "redemptions": {"in_sync": null, "missing_on_partnero": null, "missing_on_tolt": null, "without_key": null, "twice": null, "differs": null}}, "refused": null, "outcomes": [], "missing": [], "requests": {"partnero": 3, "tolt": 2}}',5,1,'2026-11-22T13:15:04Z');
INSERT INTO "run" VALUES('r_cut','p0','sync','interrupted','2026-11-22T14:00:00Z','','',6,0,'');
CREATE TABLE tombstone (
	pair VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	written VARCHAR NOT NULL, 
	"where" VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	last VARCHAR NOT NULL, 
	CONSTRAINT pk_tombstone PRIMARY KEY (pair, "key")
);
CREATE TABLE unfinished (
	pair VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	change VARCHAR NOT NULL, 
	copied VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	CONSTRAINT pk_unfinished PRIMARY KEY (pair, "key")
);
CREATE TABLE waiting (
	pair VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	document VARCHAR NOT NULL, 
	CONSTRAINT pk_waiting PRIMARY KEY (pair, id)
);
INSERT INTO "waiting" VALUES('p0','c_4a30abe8c676','code000003','CODE000003','r_20261122T124503_625e28','2026-11-22T12:45:03Z','{"id": "c_4a30abe8c676", "code": "CODE000003", "action": "delete", "target": "tolt", "status": "held", "reason": "gone_on_partnero", "message": "CODE000003 is gone on Partnero. Delete it on Tolt too?", "fields": [{"field": "code", "base": "code000003", "partnero": null, "tolt": "CODE000003", "new": null}, {"field": "discount", "base": "8%", "partnero": null, "tolt": "8%", "new": null}, {"field": "partner", "base": "p***@example.com (prt_t000000005)", "partnero": null, "tolt": "p***@example.com (part_t000000005)", "new": null}], "lost": ["the id that its customers and transactions point to"], "raises_exposure": false, "row": 12, "decided": false, "needs": [], "precondition": {"partnero": null, "tolt": ["promo_t000000017", "code000003", "percentage:8", "part_t000000005"]}, "values": {}, "decision": null}');
CREATE INDEX ix_intent_pair ON intent (pair);
CREATE INDEX ix_intent_run ON intent (run);
CREATE INDEX ix_intent_state ON intent (state);
CREATE INDEX ix_run_pair ON run (pair);
CREATE INDEX ix_redemption_standing ON redemption (pair, standing, at);
CREATE INDEX ix_redemption_key ON redemption (pair, "key");
CREATE INDEX ix_redemption_folded ON redemption (pair, folded);
CREATE INDEX ix_redemption_evidence ON redemption (pair, evidence);
CREATE INDEX ix_redemption_linked ON redemption (pair, linked);
CREATE INDEX ix_redemption_checked ON redemption (pair, standing, checked);
CREATE INDEX ix_run_newest ON run (pair, seq);
COMMIT;
