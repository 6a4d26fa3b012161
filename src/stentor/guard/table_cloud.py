"""Rules on Kubernetes and its like, virtual machines and clouds; see :mod:`stentor.guard.match`."""

ROWS = """
# clusters
kubectl oc | delete
  ns,namespace,namespaces,project,node,nodes,no,crd,pv,pvc,persistentvolume,persistentvolumeclaim | prune |
  {name} deletes everything of a kind
kubectl oc | delete ns/*,namespace/*,node/*,nodes/*,pv/*,pvc/*,crd/* | prune | {name} deletes {last} with all
  in it
kubectl oc | delete --all | prune | {name} deletes everything of a kind
kubectl oc | delete pod,pods,po each:unknown !narrowed | prune | {name} deletes whatever another command lists
kubectl oc | delete !pod,pods,po each:unknown | prune | {name} deletes whatever another command lists
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
kubectl oc | taint *:noexecute | prune | {name} {all}: what runs on the node is moved away
oc | adm drain | prune | drains a node
kubectl oc | drain | prune | {name} drains a node
kubectl oc | replace --force | prune | {name} deletes what it replaces
helm | upgrade,install --set=*eplica*=0 | prune | {all}: nothing of it runs any more
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
eksctl | scale --nodes/-N/--nodes-max=0 | prune | eksctl {all}: nothing runs there any more
k3d kind | cluster,clusters delete | prune | deletes the cluster
minikube kind k3d | delete | prune | deletes the cluster
talosctl | reset,shutdown,reboot,upgrade | power | talosctl {first}: the node goes down or is emptied
rke | remove | prune | takes the cluster away
eksctl argocd flux istioctl cilium linkerd velero | ..,delete,delete-*,uninstall,destroy,remove,terminate-op |
  drop-data | {name} {all}: it is gone
flux | suspend | prune | flux {all}: nothing is kept as described any more
argocd | app sync --prune/--force/--replace | prune | argocd {all}: deletes what the files do not describe
argocd | app rollback | prune | argocd {all}: an earlier version runs
kops | delete --yes | drop-data | kops {all}: it is gone
kops | rolling-update,toolbox --yes/-y | prune | kops {all}: nodes are replaced
crossplane clusterctl rancher | ..,delete,rm,uninstall | drop-data | {name} {all}: it is gone
vault | secrets,auth,audit disable | drop-data | vault {all}: what is kept there is gone
vault | operator seal,step-down,rekey | drop-data | vault {all}: nobody gets a secret any more
vault | delete | drop-data | vault {all}: a secret is gone
vault | kv delete,destroy | drop-data | vault {all}: a secret is gone
vault | policy,namespace delete | drop-data | vault {all}: it is gone
vault | lease,token revoke | drop-data | vault {all}: those who use it are cut off
vault | operator raft remove-peer | drop-data | vault {all}: takes a node out of its cluster
vault | kv metadata delete | drop-data | vault {all}: a secret is gone
nomad | ..,stop -purge/--purge | prune | stops a job and forgets it
nomad | node drain -enable | prune | drains a node
nomad | system,operator,namespace,volume,job gc,delete,remove-peer,deregister,detach,stop | prune | nomad
  {all}: it is gone
nomad | stop | prune | nomad {all}: what it runs stops
consul | leave,force-leave | prune | takes the node out of its cluster
consul | snapshot,operator,acl,intention,config restore,remove-peer,delete | drop-data | consul {all}: what it
  holds is gone
consul | kv delete | drop-data | deletes {last}
pcs crm | cluster stop,destroy,kill | prune | {name} {all}: the cluster's services stop
pcs crm | node standby,delete | prune | {name} {all}: takes the node out of its cluster
pvecm | delnode,expected | prune | pvecm {all}: takes a node out of its cluster
pcs crm | resource,stonith,constraint delete,disable,stop,fence,unmanage | prune | {name} {all}: services of
  the cluster stop
crm_node | -R/--remove | prune | takes a node out of its cluster
terraform tofu terragrunt pulumi cdktf | destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | apply -destroy | drop-data | {name} destroys all that it made
terraform tofu terragrunt | apply -auto-approve | drop-data | {name} {all}: whatever it wants to destroy is
  destroyed unasked
terragrunt | run-all apply | drop-data | {name} {all}: whatever it wants to destroy is destroyed unasked
pulumi | up,update -y/--yes/-f/--skip-preview | drop-data | {name} {all}: whatever it wants to destroy is
  destroyed unasked
rails rake | db:drop*,db:reset*,db:purge*,db:truncate_all,db:schema:load,db:structure:load | drop-data |
  {name} {all}: the database is dropped
php | artisan db:wipe,migrate:fresh,migrate:reset,migrate:refresh | drop-data | {all}: the database is dropped
python python3 python2 | ..,*manage.py flush,reset_db | drop-data | {all}: the database is emptied
aws-nuke | --no-dry-run | drop-data | everything of the account is deleted
cloud-nuke | aws,azure,gcp,defaults-aws | drop-data | everything of the account is deleted
skaffold tilt garden werf okteto devspace | ..,delete,down,destroy,purge,dismiss,cleanup | drop-data | {name}
  {all}: it is gone
bq | ..,rm,truncate | drop-data | bq {all}: data is lost
bq | ..,load --replace | drop-data | bq {all}: data is replaced
firebase supabase vercel netlify wrangler railway pscale atlas confluent |
  ..,delete,remove,rm,destroy,reset,down,terminate,*:delete,*:disable | drop-data | {name} {all}: it is gone
alembic | downgrade | drop-data | alembic {all}: data is lost
flyway liquibase dbmate mix knex sequelize prisma |
  ..,clean,drop,drop-all,dropAll,ecto.drop,ecto.reset,migrate:rollback,db:drop,rollback,reset,db:migrate:undo:all
  | drop-data | {name} {all}: the database is dropped
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
  --no-deletion-protection/--no-disable-api-termination/--no-enable-termination-protection
  | drop-data | aws {all}: what protects it is off
aws | ..,modify-*,update-*,put-* --backup-retention-period=0 | drop-data | aws {all}: no backup is made any
  more
aws | ..,update-nodegroup-config --scaling-config=*desiredSize=0* | drop-data | aws {all}: nothing of it runs
  any more
aws |
  ..,put-bucket-lifecycle*,put-lifecycle-policy,put-bucket-policy,put-public-access-block,change-resource-record-sets,put-key-policy
  | drop-data | aws {all}: what is kept may be lost, or seen by others
aws | ..,modify-*,update-*,put-* --force-failover | drop-data | aws {all}: it is stopped, cut off or lost
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
gh glab | api -X/--method=DELETE | drop-data | {name} {all}: it is gone
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
gcloud | ..,delete,destroy,reset,stop,bulk-delete | drop-data | gcloud {all}: it is stopped or lost
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
"""
