"""Rules on containers, clusters, virtual machines, clouds and databases; see :mod:`stentor.guard.match`."""

ROWS = """
# containers
docker podman nerdctl | system prune -a/-f/--all/--volumes/--force | prune | {name} removes all images,
  containers or volumes that are not in use
docker podman nerdctl | volume prune -a/-f/--all/--force | prune | {name} removes every volume that is not
  in use
docker podman nerdctl | volume rm,remove each | prune | {name} removes a volume with its data
docker podman nerdctl | compose down,rm -v/--volumes | prune | removes the volumes with their data
docker-compose podman-compose | down,rm -v/--volumes | prune | removes the volumes with their data
docker podman nerdctl | system reset | prune | {name} removes all images, containers and volumes
docker podman nerdctl | ..,rm,stop,kill,rmi,remove each:unknown !narrowed | prune
  | {name} ends or removes whatever another command lists
podman | ..,rm,stop,kill,rmi -a/--all | prune | podman ends or removes everything of a kind
docker | swarm leave -f/--force | prune | takes the node out of its cluster
docker | node,stack rm,remove | prune | docker {all}: takes a part of the cluster away
crictl | ..,rm,rmp,stop,stopp,rmi -a/--all | prune | ends or removes everything of a kind
ctr | ..,rm,remove,delete,kill | prune | ctr {all}: below what the cluster knows
dockerd-rootless-setuptool.sh | uninstall | prune | removes docker

# clusters
kubectl oc | delete
  ns,namespace,namespaces,project,node,nodes,no,crd,pv,pvc,persistentvolume,persistentvolumeclaim | prune |
  {name} deletes everything of a kind
kubectl oc | delete ns/*,namespace/*,node/*,nodes/*,pv/*,pvc/*,crd/* | prune | {name} deletes {last} with
  all in it
kubectl oc | delete --all | prune | {name} deletes everything of a kind
kubectl oc | delete each:unknown | prune | {name} deletes whatever another command lists
kubectl oc | drain | prune | {name} drains a node
kubectl oc | replace --force | prune | {name} deletes what it replaces
helm | uninstall,delete,del,un | prune | removes {last} and what it runs
kubeadm | reset | prune | takes the node out of its cluster
k3s-uninstall.sh k3s-agent-uninstall.sh k3s-killall.sh rke2-uninstall.sh rke2-killall.sh | | prune | takes
  the node out of its cluster
microk8s k0s | reset,leave,stop | prune | takes the node out of its cluster
minikube kind k3d | delete | prune | deletes the cluster
nomad | ..,stop -purge/--purge | prune | stops a job and forgets it
nomad | node drain -enable | prune | drains a node
consul | leave,force-leave | prune | takes the node out of its cluster
consul | kv delete | drop-data | deletes {last}
pcs crm | cluster stop,destroy,kill | prune | {name} {all}: the cluster's services stop
pcs crm | node standby,delete | prune | {name} {all}: takes the node out of its cluster
pvecm | delnode,expected | prune | pvecm {all}: takes a node out of its cluster
ceph | osd destroy,purge,rm,out | drop-data | ceph {all}: a disk of the cluster is lost
ceph | osd pool delete,rm | drop-data | ceph {all}: a pool is lost
ceph-volume | lvm zap | make-filesystem | destroys what is on {last}
rados | rm,purge,rmpool | drop-data | rados {all}: data is lost
rbd | rm,remove,trash | drop-data | rbd {all}: an image is lost
gluster | volume delete,stop,reset,remove-brick | drop-data | gluster {all}: a volume is lost
drbdadm | down,invalidate,wipe-md,disconnect,secondary | drop-data | drbdadm {all}: a device is lost
scancel | -u/--user | kill-all | cancels all jobs of a user
terraform tofu terragrunt pulumi | destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | apply -destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | state rm | drop-data | {name} forgets what it made
terragrunt | run-all destroy | drop-data | terragrunt destroys all that it made
cdk sls | destroy,remove | drop-data | {name} destroys all that it made

# virtual machines and clouds
virsh |
  destroy,reset,undefine,vol-delete,pool-delete,pool-destroy,net-destroy,snapshot-revert,snapshot-delete,vol-wipe
  | drop-data | virsh {all}: a machine, its disk or its network is lost
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
aws | ..,delete-*,terminate-*,deregister-*,purge-*,stop-instances,reboot-instances | drop-data | aws {all}:
  it is stopped or lost
gcloud | ..,delete,destroy,reset,stop | drop-data | gcloud {all}: it is stopped or lost
gsutil | rm,rb -r/-R | drop-data | gsutil {all}: data is lost
az | ..,delete,purge,stop,deallocate | drop-data | az {all}: it is stopped or lost
s3cmd | del,rb -r/--recursive/--force | drop-data | s3cmd {all}: deletes all below it
mc | rm,rb --recursive/-r/--force | drop-data | mc {all}: deletes all below it
rclone | purge,delete | drop-data | rclone {all}: deletes files
doctl hcloud linode-cli | ..,delete,destroy,poweroff,shutdown,reset,rm | drop-data | {name} {all}: it is
  stopped or lost

# databases and backups; statements are in stentor.guard.statements
dropdb dropuser | each | drop-data | {name}: {last} is gone
mysqladmin | ..,drop,shutdown,flush-hosts | drop-data | mysqladmin {all}: the database stops or is gone
redis-cli valkey-cli keydb-cli | ..,flushall,FLUSHALL,flushdb,FLUSHDB,shutdown,SHUTDOWN | drop-data |
  {name} drops what is in the database
redis-cli valkey-cli keydb-cli | CLUSTER,cluster RESET,reset | drop-data | {name} {all}: the database loses
  what it has
etcdctl | del --prefix/--from-key | drop-data | deletes every key that begins so
etcdctl | member,snapshot remove,restore | drop-data | etcdctl {all}: changes the cluster's data
rabbitmqctl |
  reset,force_reset,delete_vhost,delete_queue,purge_queue,stop_app,stop,shutdown,forget_cluster_node |
  drop-data | rabbitmqctl {all}: queues are lost or stop
kafka-topics kafka-topics.sh | --delete | drop-data | deletes a topic
curl | -X/--request=DELETE,delete each=*:9200/* | drop-data | deletes an index of the database
pg_dropcluster | | drop-data | a database server and its data are gone
pg_resetwal | each | drop-data | pg_resetwal loses what was not written yet
pg_restore | -c/--clean | drop-data | drops what it restores
borg | delete | drop-data | borg {all}: backups are deleted
restic | forget !--keep* | drop-data | restic {all}: backups are deleted
duplicity | remove-*,cleanup --force | drop-data | duplicity {all}: backups are deleted
vgexport | each | unmount | the volume group leaves the node
"""
