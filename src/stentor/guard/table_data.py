"""Rules on containers, clusters, virtual machines, clouds and databases; see :mod:`stentor.guard.match`."""

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
crictl | rmi --prune | prune | removes every image that is not in use
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
kubectl oc | delete -A/--all-namespaces/--field-selector | prune | {name} deletes everything of a kind
kubectl oc | delete !pod,pods,po -l/--selector | prune | {name} deletes all that is so marked
kubectl oc | delete
  rs,replicaset,replicasets,rc,hpa,ingresses,ing,pdb,quota,sc,storageclass,storageclasses,sa,serviceaccount,clusterrole,clusterrolebinding,role,rolebinding,rolebindings,netpol,networkpolicy,networkpolicies,apiservice,apiservices,validatingwebhookconfiguration,validatingwebhookconfigurations,mutatingwebhookconfiguration,mutatingwebhookconfigurations,volumesnapshot,certificate,certificates,all,application,applications,helmrelease,helmreleases,kustomization,kustomizations,cluster,clusters,vm,dc,bc,route,is,*.io,*.dev,*.com,*.org,*.*/*
  | prune | {name} {all}: what depends on it fails
kubectl oc | delete
  sts/*,statefulset/*,statefulsets/*,statefulset.apps/*,deploy/*,deployment/*,deployments/*,deployment.apps/*,ds/*,daemonset/*,svc/*,service/*,secret/*,configmap/*,cm/*,cronjob/*,job/*,ingress/*,crds/*,namespaces/*
  | prune | {name} {all}: what it runs stops
kubectl oc | delete --force --grace-period=0 | prune | {name} {all}: forgets it, whether it has ended or not
kubectl oc | delete --raw | prune | {name} deletes what the address names
kubectl oc | patch -p/--patch=*finalizers* | prune | {name} {all}: lets go what is being deleted, without what
  remains to do
kubectl oc | patch
  -p/--patch=*replicas":0*,*replicas":?0*,*unschedulable":?true*,*unschedulable":true*,*"$patch":*delete*,*Delete*,*suspend":true*
  | prune | {name} {all}: nothing of it runs any more
kubectl oc | scale,autoscale --replicas=0 --all | prune | {name} {all}: nothing of it runs any more
kubectl oc | cordon | prune | {name} {all}: no new pods start there
kubectl oc | rollout undo,pause | prune | {name} {all}: another version runs, or none follows
kubectl oc | set env,image,resources --all | prune | {name} {all}: every one of them is replaced
kubectl oc | label,annotate ..,node-role*- | prune | {name} {all}: what a node may run changes
kubectl oc | certificate deny | prune | {name} {all}: somebody is kept out
oc | adm prune,migrate --confirm | prune | oc {all}: it is gone
oc | adm drain,cordon | prune | oc {all}: no pods run there any more
oc | adm policy remove-* | prune | oc {all}: somebody is kept out
kubectl oc | cnpg,rook-ceph,minio,directpv,hns,node-shell destroy,delete,remove,purge,promote,fencing | prune
  | {name} {all}: a part of the cluster is gone
kubectl oc | delete -f/--filename/-k/--kustomize | prune | {name} deletes all that a file describes
kubectl oc | scale --replicas=0 | prune | {name} {all}: nothing of it runs any more
kubectl oc | apply --prune | prune | {name} deletes what the files do not describe
kubectl oc | taint *:NoExecute | prune | {name} {all}: what runs on the node is moved away
oc | adm drain | prune | drains a node
kubectl oc | drain | prune | {name} drains a node
kubectl oc | replace --force | prune | {name} deletes what it replaces
helm | rollback | prune | {all}: an earlier version runs
helmfile | destroy,delete | prune | removes all that the file describes
kustomize kapp | delete | prune | {name} {all}: it is gone
calicoctl | delete | network | calicoctl {all}: pods may be cut off
helm | uninstall,delete,del,un | prune | removes {last} and what it runs
kubeadm | upgrade apply | prune | kubeadm {all}: changes the cluster
kubeadm | reset | prune | takes the node out of its cluster
k3s-uninstall.sh k3s-agent-uninstall.sh k3s-killall.sh rke2-uninstall.sh rke2-killall.sh | | prune | takes the
  node out of its cluster
microk8s k0s | reset,leave,stop | prune | takes the node out of its cluster
minikube kind k3d | delete | prune | deletes the cluster
talosctl | reset,shutdown,reboot,upgrade | power | talosctl {first}: the node goes down or is emptied
rke | remove | prune | takes the cluster away
eksctl argocd flux istioctl cilium linkerd velero | ..,delete,uninstall,destroy,remove,terminate-op |
  drop-data | {name} {all}: it is gone
flux | suspend | prune | flux {all}: nothing is kept as described any more
argocd | app sync --prune/--force/--replace | prune | argocd {all}: deletes what the files do not describe
argocd | app rollback | prune | argocd {all}: an earlier version runs
kops | delete --yes | drop-data | kops {all}: it is gone
kops | rolling-update,toolbox --yes/-y | prune | kops {all}: nodes are replaced
crossplane clusterctl rancher | ..,delete,rm,uninstall | drop-data | {name} {all}: it is gone
vault | secrets,auth,audit disable | drop-data | vault {all}: what is kept there is gone
vault | operator seal,step-down,rekey | drop-data | vault {all}: nobody gets a secret any more
vault | kv destroy,metadata | drop-data | vault {all}: a secret is gone
nomad | ..,stop -purge/--purge | prune | stops a job and forgets it
nomad | node drain -enable | prune | drains a node
nomad | system,operator,namespace,volume,job gc,delete,remove-peer,deregister,detach,stop | prune | nomad
  {all}: it is gone
nomad | stop | prune | nomad {all}: what it runs stops
consul | leave,force-leave | prune | takes the node out of its cluster
consul | kv delete | drop-data | deletes {last}
pcs crm | cluster stop,destroy,kill | prune | {name} {all}: the cluster's services stop
pcs crm | node standby,delete | prune | {name} {all}: takes the node out of its cluster
pvecm | delnode,expected | prune | pvecm {all}: takes a node out of its cluster
pcs crm | resource,stonith,constraint delete,disable,stop,fence,unmanage | prune | {name} {all}: services of
  the cluster stop
crm_node | -R/--remove | prune | takes a node out of its cluster
terraform tofu terragrunt pulumi cdktf | destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | apply -destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | state push,replace-provider | drop-data | {name} {all}: what it knows is replaced
terraform tofu terragrunt | taint,force-unlock | drop-data | {name} {all}: it is made anew, or two change it
  at once
terraform tofu terragrunt | apply -replace | drop-data | {name} makes it anew: what it held is lost
terraform tofu terragrunt | state rm | drop-data | {name} forgets what it made
terragrunt | ..,run-all,run,stack destroy | drop-data | terragrunt destroys all that it made
terraform tofu terragrunt | workspace delete | drop-data | {name} forgets what it made
pulumi | down,dn | drop-data | pulumi destroys all that it made
pulumi | stack,state rm,delete,import | drop-data | pulumi forgets what it made
pulumi | cancel | drop-data | two may change it at once
puppet | resource,node,ca,cert ensure=absent,ensure=stopped,ensure=purged,clean,deactivate,purge,revoke |
  drop-data | puppet {all}: it is gone or stops
puppetserver | ca clean,revoke,setup | drop-data | puppetserver {all}: machines are no longer trusted
salt | ..,system.reboot,system.shutdown,system.poweroff,system.halt,system.init,power.off | power | {all}: the
  nodes go down
salt salt-call | ..,system.reboot,system.shutdown,system.poweroff,system.halt | power | {all}: the nodes go
  down
salt salt-call | ..,service.stop,service.disable,service.mask each:ssh | lock-out | {all}: nobody can log in
  any more
salt salt-call | ..,service.stop,service.disable,service.mask each:net | network | {all}: the nodes leave the
  network
salt salt-call | ..,service.stop,service.disable,service.mask each:vital | lock-out | {all}: logins depend on
  it
salt salt-call | ..,service.stop,service.disable,service.mask each:serving | prune | {all}: others depend on
  it
salt salt-call | ..,file.remove,file.rmdir,file.move,file.rename each:lost | remove-tree | removes {}
salt salt-call | ..,file.remove,file.write,file.replace,file.comment,cp.get_file,file.truncate each:login |
  login-file | changes {}, which a login or the next boot needs
salt salt-call | ..,pkg.remove,pkg.purge,pkg.autoremove each:core | package | removes {}
salt salt-call |
  ..,user.delete,group.delete,shadow.lock_password,shadow.del_password,mysql.db_remove,postgres.db_remove,mysql.user_remove,disk.wipe,disk.format,lvm.lvremove,lvm.vgremove,lvm.pvremove,zpool.destroy,zfs.destroy,docker.rm,docker.prune,virt.stop,virt.purge,virt.undefine,iptables.flush,network.down,ip.down,cron.rm,btrfs.delete,mount.umount
  | drop-data | {all}: it is gone or cut off
cdk sls serverless sam copilot | destroy,remove | drop-data | {name} destroys all that it made

# virtual machines and clouds
virsh |
  destroy,reset,undefine,vol-delete,pool-delete,pool-destroy,pool-undefine,net-destroy,net-undefine,snapshot-revert,snapshot-delete,checkpoint-delete,vol-wipe,detach-disk,detach-interface,detach-device,blockresize,vol-resize,iface-destroy,managedsave-remove,secret-undefine
  | drop-data | virsh {all}: a machine, its disk or its network is stopped or lost
virsh | shutdown,reboot,suspend,managedsave,save | power | virsh {all}: the machine goes down
qm pct | shutdown,reboot,reset,suspend | power | {name} {all}: the machine goes down
pvesh | delete | drop-data | pvesh {all}: it is gone
ha-manager | remove | drop-data | ha-manager {all}: it is no longer restarted when it fails
xl xm | destroy,shutdown,reboot,pause,save | power | {name} {all}: the machine goes down
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
lxc incus | stop,restart,pause --all | power | {name} {all}: every container and machine goes down
lxc incus | restore | drop-data | {name} {all}: what came after the snapshot is lost
lxc incus | snapshot restore,delete,rm | drop-data | {name} {all}: snapshots or what came after them are lost
lxc incus | ..,cluster remove,evacuate,rm | drop-data | {name} {all}: takes a node out of its cluster
lxc-stop | -k/--kill | power | a container goes down
lxc incus | delete,rm | drop-data | {name} {all}: a container or machine is lost
lxc incus | storage,network,profile,image delete | drop-data | {name} {all}: it is lost
lxc-destroy | | drop-data | a container is lost
VBoxManage vboxmanage | unregistervm,closemedium --delete | drop-data | a machine and its disks are lost
VBoxManage vboxmanage | controlvm poweroff,reset | power | switches a machine off
vagrant | destroy,halt,suspend | drop-data | vagrant {all}: machines stop or are lost
vagrant | snapshot,box restore,delete,remove,pop | drop-data | vagrant {all}: snapshots or what came after
  them are lost
multipass | delete,purge | drop-data | multipass {all}: machines are lost
multipass | stop,suspend,restart --all | power | multipass {all}: machines go down
VBoxManage vboxmanage | snapshot restore,delete,restorecurrent | drop-data | {name} {all}: snapshots or what
  came after them are lost
VBoxManage vboxmanage | controlvm savestate,acpipowerbutton,shutdown | power | {name} {all}: the machine goes
  down
VBoxManage vboxmanage | closemedium,hostonlyif,natnetwork,dhcpserver remove | network | {name} {all}: machines
  are cut off
qm pct | set --delete/-delete | drop-data | {name} {all}: a disk or a card leaves the machine
qm | unlink,disk --force | drop-data | qm {all}: a disk is lost
pvesr pveceph | ..,delete,destroy,purge,stop,destroyosd | drop-data | {name} {all}: it is gone
ha-manager | set --state=stopped,disabled | power | ha-manager {all}: the machine goes down
xe | vm-destroy,vm-uninstall,vdi-destroy,sr-destroy,vm-shutdown,host-shutdown,host-reboot | drop-data | xe
  {all}: it is stopped or lost
aws | s3 rm 3:unknown | drop-data | aws {all}: deletes whatever another command lists
aws | s3 rb --force | drop-data | aws {all}: deletes the bucket with all in it
aws |
  ..,delete-*,terminate-*,deregister-*,purge-*,stop-*,reboot-*,batch-delete-*,revoke-*,release-address*,release-hosts,remove-*,detach-*,disassociate-*,disable-*,leave-organization,close-account,schedule-key-deletion,cancel-*,reset-*,restore-db*,failover-*,deactivate-*,empty-*,abort-*,unassign-*,replace-route*,flush-*,rb,swap-environment*,reject-*,withdraw-*,evict-*,drain-*
  | drop-data | aws {all}: it is stopped, cut off or lost
aws | ..,modify-*,update-*,set-*,put-* --desired-capacity/--desired-count/--min-size/--max-size=0 | drop-data
  | aws {all}: nothing of it runs any more
aws | ..,modify-*,update-*,put-*
  --no-deletion-protection/--no-enable-termination-protection/--backup-retention-period=0 | drop-data | aws
  {all}: what protects it is off
aws | ..,update-nodegroup-config --scaling-config=*desiredSize=0* | drop-data | aws {all}: nothing of it runs
  any more
aws |
  ..,put-bucket-lifecycle*,put-lifecycle-policy,put-bucket-policy,put-public-access-block,change-resource-record-sets,put-key-policy
  | drop-data | aws {all}: what is kept may be lost, or seen by others
aws | ..,modify-*,update-*,put-* --force-* | drop-data | aws {all}: it is stopped, cut off or lost
aws | s3 rm,mv --recursive | drop-data | aws {all}: deletes all below it
aws | s3api put-bucket-versioning | drop-data | aws {all}: earlier versions are no longer kept
aws | s3 sync --delete | drop-data | aws {all}: deletes what the source does not have
gsutil | rsync -d | drop-data | gsutil {all}: deletes what the source does not have
gcloud | storage rm,mv -r/-R/--recursive | drop-data | gcloud {all}: data is lost
gcloud | storage rm,mv each:stars | drop-data | gcloud {all}: data is lost
gcloud | storage rsync --delete-unmatched-destination-objects | drop-data | deletes what the source does not
  have
gcloud | ..,resize --size/--num-nodes=0 | drop-data | gcloud {all}: nothing of it runs any more
gcloud | ..,set-min-instances,update,scale --min/--max/--min-instances/--max-instances/--num-nodes=0 |
  drop-data | gcloud {all}: nothing of it runs any more
gcloud | ..,update,patch --no-deletion-protection | drop-data | gcloud {all}: what protects it is off
gcloud |
  ..,restore-backup,restore,failover,rollback,abandon-instances,recreate-instances,delete-instances,detach-disk,remove-iam-policy-binding,set-iam-policy,remove-*,revoke,purge,undeploy,disable,delete-*,destroy-*,clear-*,drain,suspend,unlink
  | drop-data | gcloud {all}: it is stopped, cut off or lost
openstack nova oci ibmcloud scw vultr-cli exo upctl civo yc flyctl fly heroku cf gh glab bosh juju knife |
  ..,delete,destroy,terminate,remove,rm,purge,rebuild,*:destroy,*:delete,*:reset,*:remove,delete-*,destroy-*,kill-*,remove-*,unpublish
  | drop-data | {name} {all}: it is lost
openstack | project,stack purge,abandon,cancel | drop-data | openstack {all}: it is lost
openstack | ..,set --disable | drop-data | openstack {all}: it is cut off
openstack | ..,clean,undeploy,abort,failover,evacuate,reset | drop-data | openstack {all}: it is stopped or
  lost
openstack nova | ..,stop,reboot,suspend,shelve,pause,evacuate,off,host-evacuate,service-disable,reset-state |
  power | {name} {all}: the machine goes down
aliyun tccli | ..,Delete*,Stop*,Reboot*,Terminate* | drop-data | {name} {all}: it is stopped or lost
salt-key | -d/-D/--delete/--delete-all | drop-data | keys of machines are gone
s5cmd b2 swift | rm,delete,rb,delete-*,rmtree | drop-data | {name} {all}: data is lost
s3cmd | sync --delete-removed | drop-data | deletes what the source does not have
rclone | sync,move,moveto 2:empty | drop-data | deletes all of {last}: the source is empty
rclone | cleanup,dedupe,bisync --resync/--dedupe-mode/--force | drop-data | rclone {all}: deletes files
rclone | move,moveto 2:lost | drop-data | moves away {}
mc | mirror --remove | drop-data | deletes what the source does not have
gcloud | ..,delete,destroy,reset,stop | drop-data | gcloud {all}: it is stopped or lost
gsutil | rm,rb,mv -r/-R | drop-data | gsutil {all}: data is lost
gsutil | ..,rb | drop-data | gsutil {all}: data is lost
gsutil | rm each:stars | drop-data | gsutil {all}: data is lost
gsutil | versioning,lifecycle,iam,retention set,clear off,*.json | drop-data | gsutil {all}: what is kept may
  be lost
az |
  ..,delete,delete-*,purge,stop,deallocate,redeploy,reimage,power-off,remove,revoke,failover,failover-*,regenerate,reset,disable,detach,unregister,remove-*,disassociate
  | drop-data | az {all}: it is stopped, cut off or lost
az | ..,scale,update --node-count/-c/--new-capacity/--min-count/--max-replicas/--min-replicas/--replicas=0 |
  drop-data | az {all}: nothing of it runs any more
az | storage sync,copy,blob --delete-destination=true | drop-data | deletes what the source does not have
az | vm,vmss,aks restart | power | az {all}: the machine goes down
azcopy | remove,rm | drop-data | deletes {last}
azcopy | sync --delete-destination=true | drop-data | deletes what the source does not have
s3cmd | rb,expire | drop-data | s3cmd {all}: it is gone
s3cmd | del,rm,rb -r/--recursive/--force | drop-data | s3cmd {all}: deletes all below it
mc | rm,rb --recursive/-r/--force | drop-data | mc {all}: deletes all below it
mc | rb,mv | drop-data | mc {all}: it is gone
mc | admin,ilm,version,retention,bucket ..,remove,rm,stop,clear,suspend,disable,detach | drop-data | mc {all}:
  it is gone or stops
rclone | purge,delete,deletefile,rmdirs | drop-data | rclone {all}: deletes files
doctl hcloud linode-cli |
  ..,delete,destroy,poweroff,power-off,power-cycle,shutdown,reset,reset-password,rm,reboot,rebuild,restore,detach,delete-*,remove-*,*-delete,*-remove,disable-*,flush
  | drop-data | {name} {all}: it is stopped, cut off or lost

# databases and backups; statements are in stentor.guard.statements
dropdb dropuser | each | drop-data | {name}: {last} is gone
mysqladmin mariadb-admin | ..,drop,shutdown,kill,stop-slave,stop-replica,flush-hosts | drop-data | mysqladmin
  {all}: the database stops or is gone
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
  each=*/_delete_by_query*,*/_close*,*/_shutdown*,*/_restore*,*/delete_series*,*/-/quit*,*/agent/leave*,*/force-leave/*,*/_cluster/reroute*
  | drop-data | {last}: data or a service is gone
curl | -X/--request=DELETE,delete !each=localhost*,*//localhost*,127.*,*//127.* | drop-data | deletes {last}
curl | each=*:9200/*,*:9201/*,*/_settings*,*/_cluster/settings*
  -d/--data/--data-raw/--json=*read_only*,*\"cluster.routing*none* | drop-data | changes how data are kept
http https xh | DELETE,delete !localhost*,:*,127.* | drop-data | deletes {last}
wget | --method=DELETE | drop-data | deletes {last}
elasticdump | --delete/--deleteByQuery | drop-data | deletes indices
curator_cli | delete_indices,delete_snapshots,close | drop-data | deletes indices
nodetool |
  decommission,drain,removenode,assassinate,stopdaemon,clearsnapshot,disablebinary,disablegossip,disablethrift,disablehandoff,truncatehints,garbagecollect,rebuild,move,import
  | drop-data | nodetool {all}: a node of the database is gone
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
bconsole | each=*delete*,*purge*,*prune* | drop-data | backups are deleted
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
