BEGIN TRANSACTION;
CREATE TABLE memories (
        fleet TEXT NOT NULL, node TEXT NOT NULL, topic TEXT NOT NULL,
        at REAL NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (fleet, node, topic)
    ) WITHOUT ROWID;
INSERT INTO "memories" VALUES('/f','a','facts',11.0,'{"os": "debian"}');
CREATE TABLE nodes (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        position INTEGER NOT NULL, node TEXT NOT NULL,
        kind TEXT NOT NULL DEFAULT '', code INTEGER, reason TEXT NOT NULL DEFAULT '',
        hint TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
        started INTEGER NOT NULL DEFAULT 0, remote TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 1, at REAL NOT NULL DEFAULT 0,
        stdout BLOB, stdout_cut_at INTEGER NOT NULL DEFAULT 0, stdout_cut INTEGER NOT NULL DEFAULT 0,
        stderr BLOB, stderr_cut_at INTEGER NOT NULL DEFAULT 0, stderr_cut INTEGER NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (operation, node)
    );
INSERT INTO "nodes" VALUES(1,0,'a','ok',0,'','',1.5,1,'',1,2.0,X'6F7574',3,0,X'657272',3,0,77);
INSERT INTO "nodes" VALUES(1,1,'b','failed',3,'exit 3','look',0.0,0,'',1,3.0,X'787878',3,0,X'',0,0,0);
INSERT INTO "nodes" VALUES(2,0,'a','ok',0,'','',1.5,1,'',1,7.0,X'6F7574',3,0,X'657272',3,0,77);
INSERT INTO "nodes" VALUES(2,1,'b','failed',3,'exit 3','look',0.0,0,'',1,8.0,X'787878',3,0,X'',0,0,0);
INSERT INTO "nodes" VALUES(3,0,'a','',NULL,'','',0.0,0,'',1,0.0,NULL,0,0,NULL,0,0,0);
CREATE TABLE operations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL, command TEXT NOT NULL, selector TEXT NOT NULL, options TEXT NOT NULL,
        fleet TEXT NOT NULL, revision TEXT NOT NULL,
        user TEXT NOT NULL, host TEXT NOT NULL, origin TEXT NOT NULL, directory TEXT NOT NULL,
        process TEXT NOT NULL, began REAL NOT NULL,
        ended REAL, exit_code INTEGER, note TEXT NOT NULL DEFAULT ''
    , word TEXT NOT NULL DEFAULT '');
INSERT INTO "operations" VALUES(1,'run','uptime','@all','{"words": ["-f", "3"]}','/f','abc','ada','example','10.0.0.9','/','1 2 3',1.0,5.0,1,'note','stentor-1');
INSERT INTO "operations" VALUES(2,'run','uptime','@all','{"words": ["-f", "3"]}','/g','abc','ada','example','10.0.0.9','/','1 2 3',6.0,10.0,1,'note','stentor-1');
INSERT INTO "operations" VALUES(3,'copy','copy x','a','{}','/f','','ada','example','10.0.0.9','/','1 2 3',12.0,NULL,NULL,'','');
CREATE TABLE steps (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        at REAL NOT NULL, node TEXT NOT NULL, text TEXT NOT NULL
    );
INSERT INTO "steps" VALUES(1,4.0,'a','fetched');
INSERT INTO "steps" VALUES(2,9.0,'a','fetched');
CREATE INDEX operations_began ON operations (began);
CREATE INDEX nodes_node ON nodes (node, operation);
CREATE INDEX steps_operation ON steps (operation);
CREATE INDEX operations_unended ON operations (id) WHERE ended IS NULL;
COMMIT;
PRAGMA user_version = 2;
