"""Rules on containers, databases, queues and backups; see :mod:`stentor.guard.match`."""

ROWS = """
# containers
docker podman nerdctl | system prune -a/-f/--all/--volumes/--force | prune | {name} removes all images,
  containers or volumes that are not in use
docker podman nerdctl | volume prune -a/-f/--all/--force | prune | {name} removes every volume that is not in
  use
docker podman nerdctl | image prune -a/--all | prune | {name} removes every image that is not in use
docker podman nerdctl | container prune -f/--force | prune | {name} removes every container that does not run,
  with what it wrote
docker podman nerdctl | network rm,remove,disconnect | prune | {name} {all}: containers are cut off
docker podman nerdctl | rm -f/--force -v/--volumes | prune | {name} {all}: a container and its data are
  gone
docker | service scale *=0 | prune | docker {all}: nothing of it runs any more
docker | service update --replicas=0 | prune | docker {all}: nothing of it runs any more
docker podman nerdctl | volume rm,remove each | prune | {name} removes a volume with its data
docker podman nerdctl | compose down,rm -v/--volumes | prune | removes the volumes with their data
docker-compose podman-compose | down,rm -v/--volumes | prune | removes the volumes with their data
docker podman nerdctl | system reset | prune | {name} removes all images, containers and volumes
docker podman nerdctl | ..,rm,stop,kill,rmi,remove each:unknown !narrowed | prune | {name} ends or removes
  whatever another command lists
podman | pod,volume,machine,secret rm,stop,kill,reset | prune | podman {all}: it stops or is gone
podman | ..,rm,stop,kill,rmi -a/--all | prune | podman ends or removes everything of a kind
docker | swarm leave | prune | takes the node out of its cluster
docker | node,stack,service,secret,config rm,remove | prune | docker {all}: takes a part of the cluster away
docker | node update --availability=drain,pause | prune | docker {all}: takes a part of the cluster away
podman | kube down | prune | removes what the file describes
machinectl | poweroff,terminate,remove,kill,reboot,stop | prune | machinectl {all}: it is stopped or lost
buildah | ..,rm,rmi -a/--all | prune | removes everything of a kind
skopeo | delete | drop-data | removes {last} from its registry
crictl | ..,rm,rmp,stop,stopp,rmi each:unknown | prune | ends or removes whatever another command lists
crictl | rmi --prune | prune | removes every image that is not in use
crictl | ..,rm,rmp,stop,stopp,rmi -a/--all | prune | ends or removes everything of a kind
ctr | ..,rm,remove,delete,kill | prune | ctr {all}: below what the cluster knows
dockerd-rootless-setuptool.sh | uninstall | prune | removes docker

# databases and backups; statements are in stentor.guard.statements
dropdb dropuser | each | drop-data | {name}: {last} is gone
mysqladmin mariadb-admin | ..,drop,password,shutdown,kill,stop-slave,stop-replica,flush-hosts | drop-data |
  mysqladmin {all}: the database stops or is gone
redis-cli valkey-cli keydb-cli | flushall,flushdb,shutdown,debug,swapdb,replicaof,slaveof,failover | drop-data
  | {name} drops what is in the database, or stops it
redis-cli valkey-cli keydb-cli | script,function,acl,client flush,deluser,kill | drop-data | {name} {all}: the
  database loses what it has
redis-cli valkey-cli keydb-cli | eval each=*flush*,*keys* | drop-data | {name}: code deletes keys
redis-cli valkey-cli keydb-cli | del,unlink,expire each:unknown | drop-data | {name} deletes whatever another
  command lists
redis-cli valkey-cli keydb-cli | cluster reset,forget,failover,flushslots,delslots | drop-data | {name} {all}:
  the database loses what it has
redis-cli valkey-cli keydb-cli | --cluster del-node,fix,call | drop-data | {name} {all}: a part of the cluster
  is gone
redis-cli valkey-cli keydb-cli | --cluster=del-node,fix,call | drop-data | {name}: a part of the cluster is
  gone
etcdctl | auth,user,role disable,delete,remove | drop-data | etcdctl {all}: logins of the cluster change
etcdctl | compact,compaction | drop-data | earlier versions of all keys are lost
etcdctl | del --prefix/--from-key | drop-data | deletes every key that begins so
etcdctl | member,snapshot remove,restore | drop-data | etcdctl {all}: changes the cluster's data
rabbitmqctl |
  ..,reset,force_reset,delete_vhost,delete_queue,purge_queue,stop_app,stop,shutdown,forget_cluster_node,delete_user,close_all_connections,close_all_user_connections,clear_permissions,clear_policy
  | drop-data | rabbitmqctl {all}: queues are lost or stop
kafka-topics kafka-topics.sh kafka-acls kafka-acls.sh | --delete/--remove | drop-data | deletes a topic or a
  right
kafka-configs kafka-configs.sh | --alter --add-config=*retention*,*cleanup.policy*,*segment* | drop-data |
  messages are deleted sooner
kafka-configs kafka-configs.sh | --alter --delete-config | drop-data | messages may be deleted sooner
kafka-storage kafka-storage.sh | format | drop-data | what the node held is lost
kafka-reassign-partitions kafka-reassign-partitions.sh kafka-leader-election kafka-leader-election.sh |
  --execute/--election-type | drop-data | data are moved
kafka-server-stop kafka-server-stop.sh zookeeper-server-stop zookeeper-server-stop.sh | | kill-all | {name}:
  the service stops
zookeeper-shell zookeeper-shell.sh | ..,deleteall,rmr,delete | drop-data | {name} {all}: data is lost
rpk | ..,delete,rm,trim-prefix,decommission,purge | drop-data | rpk {all}: it is gone
curl | -X/--request=DELETE,delete each=*:9200/*,*:9201/*,*:8086/*,*:5984/*,*:8500/*,*:2379/*,*:6333/*,*:8983/*
  | drop-data | deletes {last}
curl |
  each=*/_delete_by_query*,*/_close*,*/_shutdown*,*/_restore*,*/delete_series*,*/doDelete*,*/safeExit*,*/-/quit*,*/agent/leave*,*/force-leave/*,*/_cluster/reroute*
  | drop-data | {last}: data or a service is gone
curl | -X/--request=PATCH,PUT each=*/redfish/v1/* -d/--data | power | changes the machine or its
  controller
curl | --unix-socket -X/--request=DELETE | drop-data | deletes {last}
curl | -X/--request=DELETE,delete !each=localhost*,*//localhost*,127.*,*//127.* | drop-data | deletes {last}
curl | each=*:9200/*,*:9201/*,*/_settings*,*/_cluster/settings*
  -d/--data/--data-raw/--json=*read_only*,*\"cluster.routing*none* | drop-data | changes how data are kept
http https xh | DELETE,delete !localhost*,:*,127.* | drop-data | deletes {last}
wget | --method=DELETE | drop-data | deletes {last}
elasticdump | --delete/--deleteByQuery | drop-data | deletes indices
curator_cli | delete_indices,delete_snapshots,close | drop-data | deletes indices
nodetool |
  decommission,drain,assassinate,stopdaemon,clearsnapshot,disablebinary,disablegossip,disablethrift,disablehandoff,truncatehints,garbagecollect,rebuild,move,import
  | drop-data | nodetool {all}: a node of the database is gone
nodetool | removenode !status | drop-data | nodetool {all}: a node of the database is gone
zkCli.sh zkCli | ..,deleteall,rmr | drop-data | {name} {all}: data is lost
hdfs hadoop | -rm/-rmr -r/-R/-skipTrash | drop-data | {name} {all}: data is lost
hdfs hadoop | namenode -format | drop-data | all data of the cluster is lost
rabbitmqadmin | delete,purge | drop-data | rabbitmqadmin {all}: messages are lost
nats pulsar-admin | ..,rm,purge,delete,del | drop-data | {name} {all}: messages are lost
kafka-delete-records kafka-delete-records.sh | | drop-data | deletes messages
kafka-consumer-groups kafka-consumer-groups.sh | --delete/--execute | drop-data | changes what has been read
influx | ..,delete,restore | drop-data | influx {all}: data is lost
pg_ctl pg_ctlcluster | ..,stop,restart,promote -m/--mode=i,immediate | drop-data | the database stops without
  finishing what it writes
pg_createcluster pg_upgradecluster pg_upgrade pg_rewind | each | drop-data | {name}: a database server and its
  data change
initdb | -D/--pgdata | drop-data | a database server is made anew
pg_archivecleanup | each | drop-data | removes what a restore would need
repmgr pg_autoctl stolonctl |
  ..,drop,stop,unregister,promote,switchover,follow,rejoin,failover,failkeeper,removekeeper,init | drop-data |
  {name} {all}: the primary changes, or data is lost
pg_ctl pg_ctlcluster | ..,stop,promote | drop-data | {name} {all}: the database stops or leaves its others
pgbackrest barman wal-g | ..,restore,recover,backup-fetch,stanza-delete,delete,expire | drop-data | {name}
  {all}: data or backups are replaced or lost
patronictl | remove,reinit,failover,switchover | drop-data | patronictl {all}: the primary changes, or data is
  lost
mongorestore | --drop | drop-data | drops what it restores
mongod mongos | --repair/--shutdown | drop-data | {name}: the database stops or is rewritten
mysqld mariadbd mysqld_safe mariadb-install-db mysql_install_db |
  --initialize/--initialize-insecure/--force/--skip-grant-tables | drop-data | {name}: the database is set up
  anew, or lets everybody in
myloader | -o/--overwrite-tables | drop-data | drops what it restores
cockroach | init,node,debug reset-quorum,drain,decommission,recover | drop-data | cockroach {all}: a part of
  the database is gone
xtrabackup mariabackup mariadb-backup innobackupex | --copy-back/--move-back | drop-data | replaces the
  database
cockroach | node decommission,drain | drop-data | a node of the database is gone
postfix rndc unbound-control | stop,abort,halt | kill-all | {name} {all}: others depend on it
certbot | delete,revoke | drop-data | certbot {all}: a certificate is gone
wp | db reset,drop,clean | drop-data | wp {all}: the site is lost
wp | site,user,post,plugin,theme delete,empty,uninstall | drop-data | wp {all}: it is gone
drush | sql-drop,sql:drop,site-install,si | drop-data | drush {all}: the site is lost
cloudflared | tunnel delete,cleanup | network | cloudflared {all}: the node may leave the network
postsuper | -d | drop-data | mail that waits is lost
exim exim4 | -Mrm | drop-data | mail that waits is lost
doveadm | expunge | drop-data | mail is lost
doveadm | mailbox delete | drop-data | mail is lost
pg_dropcluster | | drop-data | a database server and its data are gone
pg_resetwal | each | drop-data | pg_resetwal loses what was not written yet
pg_restore | -c/--clean | drop-data | drops what it restores
borg | delete | drop-data | borg {all}: backups are deleted
restic | forget !--keep* | drop-data | restic {all}: backups are deleted
restic | forget --keep-last/-l=0,1 --prune | drop-data | restic {all}: all but one backup are deleted
restic | key remove | drop-data | restic {all}: a key of the backups is gone
restic | unlock,rewrite,repair --remove-all/--forget | drop-data | restic {all}: backups may be lost
borg | prune !--keep* | drop-data | borg {all}: backups are deleted
borg | prune --keep-last/--keep-within=0,1,1d,1H | drop-data | borg {all}: nearly all backups are deleted
borg | recreate | drop-data | borg {all}: backups are rewritten
borg | check --repair | drop-data | borg {all}: backups are rewritten
borgmatic | ..,delete,repo-delete | drop-data | borgmatic {all}: backups are deleted
bconsole | delete,purge,prune | drop-data | backups are deleted
duply amrmtape bup | ..,purge,purge-full,purgeFull,purge-incr,rm,prune-older | drop-data | {name} {all}:
  backups are deleted
burp | -a=delete | drop-data | backups are deleted
proxmox-backup-manager | ..,remove,delete | drop-data | proxmox-backup-manager {all}: it is gone
snapraid | fix,sync --force-empty/--force-zero/-E/-Z | drop-data | snapraid {all}: what could be restored is
  lost
proxmox-backup-client | snapshot,group forget | drop-data | backups are deleted
tarsnap | -d/--nuke | drop-data | backups are deleted
kopia | ..,delete,expire,remove | drop-data | backups are deleted
rdiff-backup | --remove-older-than | drop-data | backups are deleted
duplicity | remove-*,cleanup --force | drop-data | duplicity {all}: backups are deleted
vgexport | each | unmount | the volume group leaves the node
"""
