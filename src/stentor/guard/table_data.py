"""Rules on containers, clusters, virtual machines, clouds and databases; see :mod:`stentor.guard.match`."""

ROWS = """
# containers
docker podman nerdctl | system prune -a/-f/--all/--volumes/--force | prune | {name} removes all images,
  containers or volumes that are not in use
docker podman nerdctl | volume prune -a/-f/--all/--force | prune | {name} removes every volume that is not in
  use
docker podman nerdctl | volume rm,remove each | prune | {name} removes a volume with its data
docker podman nerdctl | compose down,rm -v/--volumes | prune | removes the volumes with their data
docker-compose podman-compose | down,rm -v/--volumes | prune | removes the volumes with their data
docker podman nerdctl | system reset | prune | {name} removes all images, containers and volumes
docker podman nerdctl | ..,rm,stop,kill,rmi,remove each:unknown !narrowed | prune | {name} ends or removes
  whatever another command lists
podman | ..,rm,stop,kill,rmi -a/--all | prune | podman ends or removes everything of a kind
docker | swarm leave | prune | takes the node out of its cluster
docker | node,stack,service,secret,config rm,remove | prune | docker {all}: takes a part of the cluster away
docker | node update --availability=drain,pause | prune | docker {all}: takes a part of the cluster away
podman | kube down | prune | removes what the file describes
machinectl | poweroff,terminate,remove,kill,reboot,stop | prune | machinectl {all}: it is stopped or lost
buildah | ..,rm,rmi -a/--all | prune | removes everything of a kind
skopeo | delete | drop-data | removes {last} from its registry
crictl | ..,rm,rmp,stop,stopp,rmi -a/--all | prune | ends or removes everything of a kind
ctr | ..,rm,remove,delete,kill | prune | ctr {all}: below what the cluster knows
dockerd-rootless-setuptool.sh | uninstall | prune | removes docker

# clusters
kubectl oc | delete
  ns,namespace,namespaces,project,node,nodes,no,crd,pv,pvc,persistentvolume,persistentvolumeclaim | prune |
  {name} deletes everything of a kind
kubectl oc | delete ns/*,namespace/*,node/*,nodes/*,pv/*,pvc/*,crd/* | prune | {name} deletes {last} with all
  in it
kubectl oc | delete --all | prune | {name} deletes everything of a kind
kubectl oc | delete each:unknown | prune | {name} deletes whatever another command lists
kubectl oc | delete
  sts,statefulset,statefulsets,deploy,deployment,deployments,ds,daemonset,daemonsets,cronjob,job,jobs,svc,service,services,ingress,secret,secrets,configmap,cm
  | prune | {name} {all}: what it runs stops
kubectl oc | delete -f/--filename/-k/--kustomize | prune | {name} deletes all that a file describes
kubectl oc | scale --replicas=0 | prune | {name} {all}: nothing of it runs any more
kubectl oc | apply --prune | prune | {name} deletes what the files do not describe
kubectl oc | taint *:NoExecute | prune | {name} {all}: what runs on the node is moved away
oc | adm drain | prune | drains a node
kubectl oc | drain | prune | {name} drains a node
kubectl oc | replace --force | prune | {name} deletes what it replaces
helm | uninstall,delete,del,un | prune | removes {last} and what it runs
kubeadm | reset | prune | takes the node out of its cluster
k3s-uninstall.sh k3s-agent-uninstall.sh k3s-killall.sh rke2-uninstall.sh rke2-killall.sh | | prune | takes the
  node out of its cluster
microk8s k0s | reset,leave,stop | prune | takes the node out of its cluster
minikube kind k3d | delete | prune | deletes the cluster
talosctl | reset,shutdown,reboot,upgrade | power | talosctl {first}: the node goes down or is emptied
rke | remove | prune | takes the cluster away
eksctl kops argocd flux istioctl cilium linkerd velero | ..,delete,uninstall,destroy | drop-data | {name}
  {all}: it is gone
vault | secrets,auth,audit disable | drop-data | vault {all}: what is kept there is gone
vault | operator seal,step-down,rekey | drop-data | vault {all}: nobody gets a secret any more
vault | kv destroy,metadata | drop-data | vault {all}: a secret is gone
nomad | ..,stop -purge/--purge | prune | stops a job and forgets it
nomad | node drain -enable | prune | drains a node
consul | leave,force-leave | prune | takes the node out of its cluster
consul | kv delete | drop-data | deletes {last}
pcs crm | cluster stop,destroy,kill | prune | {name} {all}: the cluster's services stop
pcs crm | node standby,delete | prune | {name} {all}: takes the node out of its cluster
pvecm | delnode,expected | prune | pvecm {all}: takes a node out of its cluster
ceph | osd destroy,purge,rm,out | drop-data | ceph {all}: a disk of the cluster is lost
ceph | osd pool delete,rm | drop-data | ceph {all}: a pool is lost
ceph | osd pause,down,stop | drop-data | ceph {all}: the cluster stops
ceph | fs,mon,mds,mgr,auth,orch,config-key rm,remove,del,fail,stop | drop-data | ceph {all}: a part of the
  cluster is gone
cephadm | rm-cluster,rm-daemon,zap-osds | drop-data | cephadm {all}: a part of the cluster is gone
radosgw-admin | ..,rm,purge | drop-data | radosgw-admin {all}: data is lost
ceph-volume | lvm zap | make-filesystem | destroys what is on {last}
rados | rm,purge,rmpool | drop-data | rados {all}: data is lost
rbd | rm,remove,trash,unmap | drop-data | rbd {all}: an image is lost
rbd | snap,snapshot purge,rollback,rm,remove | drop-data | rbd {all}: a snapshot or what came after it is lost
mmshutdown mmdelfs mmdelnsd mmdeldisk mmdelnode | | drop-data | {name}: a part of the file system is gone
mmumount mmunmount | all | unmount | unmounts every file system
gluster | volume delete,stop,reset,remove-brick | drop-data | gluster {all}: a volume is lost
drbdadm | down,invalidate,wipe-md,disconnect,secondary | drop-data | drbdadm {all}: a device is lost
scancel | -u/--user/-p/--partition/-A/--account/-t/--state/-w/--nodelist/-q/--qos | kill-all | cancels all
  jobs of a kind
scontrol | shutdown,reboot,reboot_nodes | power | scontrol {all}: nodes or the scheduler go down
sacctmgr | delete,remove | drop-data | sacctmgr {all}: it is gone
qdel | all | kill-all | cancels every job
qdel | -u each | kill-all | cancels all jobs of a user
bkill | ..,0 | kill-all | cancels every job
condor_rm | -all/-a/--all | kill-all | cancels every job
qterm condor_off lsfshutdown | | kill-all | {name}: the scheduler stops
pcs crm | resource,stonith,constraint delete,disable,stop,fence,unmanage | prune | {name} {all}: services of
  the cluster stop
crm_node | -R/--remove | prune | takes a node out of its cluster
terraform tofu terragrunt pulumi | destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | apply -destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | state rm | drop-data | {name} forgets what it made
terragrunt | run-all destroy | drop-data | terragrunt destroys all that it made
terraform tofu terragrunt | workspace delete | drop-data | {name} forgets what it made
pulumi | down,dn | drop-data | pulumi destroys all that it made
pulumi | stack rm | drop-data | pulumi forgets what it made
cdk sls serverless sam copilot | destroy,remove | drop-data | {name} destroys all that it made

# virtual machines and clouds
virsh |
  destroy,reset,undefine,vol-delete,pool-delete,pool-destroy,net-destroy,snapshot-revert,snapshot-delete,vol-wipe
  | drop-data | virsh {all}: a machine, its disk or its network is stopped or lost
virsh | shutdown,reboot,suspend,managedsave,save | power | virsh {all}: the machine goes down
qm pct | shutdown,reboot,reset,suspend | power | {name} {all}: the machine goes down
pvesh | delete | drop-data | pvesh {all}: it is gone
ha-manager | remove | drop-data | ha-manager {all}: it is no longer restarted when it fails
xl xm | destroy,shutdown,reboot | power | {name} {all}: the machine goes down
govc | *.destroy,*.rm,*.remove,*.unregister,*.delete | drop-data | govc {all}: it is lost
govc | vm.power,host.shutdown,host.maintenance.enter -off/-reset/-r/-s/-f | power | govc {all}: the machine
  goes down
vim-cmd | vmsvc/destroy,vmsvc/unregister,vmsvc/power.*,vmsvc/snapshot.r*,hostsvc/maintenance* | drop-data |
  vim-cmd {all}: a machine is stopped or lost
esxcli | system shutdown,maintenanceMode | power | esxcli {all}: the machine goes down
esxcli | vm kill | power | esxcli {all}: the machine goes down
vmrun | stop,reset,deleteVM,deleteSnapshot,revertToSnapshot | drop-data | vmrun {all}: a machine is stopped or
  lost
prlctl | stop,reset,delete | drop-data | prlctl {all}: a machine is stopped or lost
bhyvectl | --destroy/--force-poweroff/--force-reset | power | the machine goes down
iocage bastille | destroy,stop | drop-data | {name} {all}: it is stopped or lost
limactl colima orb | delete,rm,reset | drop-data | {name} {all}: machines are lost
qm pct | destroy,rollback,stop,delsnapshot | drop-data | {name} {all}: a machine is stopped or lost
pvesm | free,remove | drop-data | pvesm {all}: a disk is lost
lxc incus | delete,rm | drop-data | {name} {all}: a container or machine is lost
lxc incus | storage,network,profile,image delete | drop-data | {name} {all}: it is lost
lxc-destroy | | drop-data | a container is lost
VBoxManage vboxmanage | unregistervm,closemedium --delete | drop-data | a machine and its disks are lost
VBoxManage vboxmanage | controlvm poweroff,reset | power | switches a machine off
vagrant | destroy | drop-data | vagrant {all}: machines are lost
multipass | delete,purge | drop-data | multipass {all}: machines are lost
xe | vm-destroy,vm-uninstall,vdi-destroy,sr-destroy,vm-shutdown,host-shutdown,host-reboot | drop-data | xe
  {all}: it is stopped or lost
aws | s3 rm --recursive | drop-data | aws {all}: deletes all below it
aws | s3 rb --force | drop-data | aws {all}: deletes the bucket with all in it
aws | ..,delete-*,terminate-*,deregister-*,purge-*,stop-*,reboot-* | drop-data | aws {all}: it is stopped or
  lost
aws | s3 sync --delete | drop-data | aws {all}: deletes what the source does not have
gsutil | rsync -d | drop-data | gsutil {all}: deletes what the source does not have
gcloud | storage rm -r/-R/--recursive | drop-data | gcloud {all}: data is lost
openstack nova oci ibmcloud scw vultr-cli exo upctl civo yc flyctl fly heroku cf gh glab bosh juju knife |
  ..,delete,destroy,terminate,remove,rm,purge,rebuild,*:destroy,delete-*,destroy-*,kill-*,remove-* | drop-data
  | {name} {all}: it is lost
openstack nova | ..,stop,reboot,suspend,shelve,pause | power | {name} {all}: the machine goes down
aliyun tccli | ..,Delete*,Stop*,Reboot*,Terminate* | drop-data | {name} {all}: it is stopped or lost
salt-key | -d/-D/--delete/--delete-all | drop-data | keys of machines are gone
s5cmd b2 swift | rm,delete,rb,delete-*,rmtree | drop-data | {name} {all}: data is lost
s3cmd | sync --delete-removed | drop-data | deletes what the source does not have
mc | mirror --remove | drop-data | deletes what the source does not have
gcloud | ..,delete,destroy,reset,stop | drop-data | gcloud {all}: it is stopped or lost
gsutil | rm,rb -r/-R | drop-data | gsutil {all}: data is lost
az | ..,delete,delete-*,purge,stop,deallocate | drop-data | az {all}: it is stopped or lost
s3cmd | del,rb -r/--recursive/--force | drop-data | s3cmd {all}: deletes all below it
mc | rm,rb --recursive/-r/--force | drop-data | mc {all}: deletes all below it
rclone | purge,delete,deletefile,rmdirs | drop-data | rclone {all}: deletes files
doctl hcloud linode-cli | ..,delete,destroy,poweroff,shutdown,reset,rm | drop-data | {name} {all}: it is
  stopped or lost

# databases and backups; statements are in stentor.guard.statements
dropdb dropuser | each | drop-data | {name}: {last} is gone
mysqladmin mariadb-admin | ..,drop,shutdown,flush-hosts | drop-data | mysqladmin {all}: the database stops or
  is gone
redis-cli valkey-cli keydb-cli | flushall,FLUSHALL,flushdb,FLUSHDB,shutdown,SHUTDOWN | drop-data | {name}
  drops what is in the database
redis-cli valkey-cli keydb-cli | CLUSTER,cluster RESET,reset | drop-data | {name} {all}: the database loses
  what it has
etcdctl | del --prefix/--from-key | drop-data | deletes every key that begins so
etcdctl | member,snapshot remove,restore | drop-data | etcdctl {all}: changes the cluster's data
rabbitmqctl |
  reset,force_reset,delete_vhost,delete_queue,purge_queue,stop_app,stop,shutdown,forget_cluster_node |
  drop-data | rabbitmqctl {all}: queues are lost or stop
kafka-topics kafka-topics.sh | --delete | drop-data | deletes a topic
curl | -X/--request=DELETE,delete each=*:9200/*,*:9201/*,*:8086/*,*:5984/*,*:8500/*,*:2379/*,*:6333/*,*:8983/*
  | drop-data | deletes {last}
curl | each=*/_delete_by_query* | drop-data | deletes {last}
nodetool | decommission,drain,removenode,assassinate,stopdaemon,clearsnapshot | drop-data | nodetool {all}: a
  node of the database is gone
zkCli.sh zkCli | ..,deleteall,rmr | drop-data | {name} {all}: data is lost
hdfs hadoop | -rm/-rmr -r/-R/-skipTrash | drop-data | {name} {all}: data is lost
hdfs hadoop | namenode -format | drop-data | all data of the cluster is lost
rabbitmqadmin | delete,purge | drop-data | rabbitmqadmin {all}: messages are lost
nats pulsar-admin | ..,rm,purge,delete,del | drop-data | {name} {all}: messages are lost
kafka-delete-records kafka-delete-records.sh | | drop-data | deletes messages
kafka-consumer-groups kafka-consumer-groups.sh | --delete/--execute | drop-data | changes what has been read
influx | ..,delete | drop-data | influx {all}: data is lost
pg_ctl pg_ctlcluster | ..,stop,restart,promote -m/--mode=i,immediate | drop-data | the database stops without
  finishing what it writes
pg_ctl pg_ctlcluster | ..,stop,promote | drop-data | {name} {all}: the database stops or leaves its others
pgbackrest barman wal-g | ..,restore,recover,backup-fetch,stanza-delete,delete,expire | drop-data | {name}
  {all}: data or backups are replaced or lost
patronictl | remove,reinit,failover,switchover | drop-data | patronictl {all}: the primary changes, or data is
  lost
mongorestore | --drop | drop-data | drops what it restores
xtrabackup mariabackup mariadb-backup innobackupex | --copy-back/--move-back | drop-data | replaces the
  database
cockroach | node decommission,drain | drop-data | a node of the database is gone
postsuper | -d | drop-data | mail that waits is lost
exim exim4 | -Mrm | drop-data | mail that waits is lost
doveadm | expunge | drop-data | mail is lost
doveadm | mailbox delete | drop-data | mail is lost
pg_dropcluster | | drop-data | a database server and its data are gone
pg_resetwal | each | drop-data | pg_resetwal loses what was not written yet
pg_restore | -c/--clean | drop-data | drops what it restores
borg | delete | drop-data | borg {all}: backups are deleted
restic | forget !--keep* | drop-data | restic {all}: backups are deleted
proxmox-backup-client | snapshot,group forget | drop-data | backups are deleted
tarsnap | -d/--nuke | drop-data | backups are deleted
kopia | ..,delete | drop-data | backups are deleted
rdiff-backup | --remove-older-than | drop-data | backups are deleted
duplicity | remove-*,cleanup --force | drop-data | duplicity {all}: backups are deleted
vgexport | each | unmount | the volume group leaves the node
"""
