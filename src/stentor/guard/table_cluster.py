"""Rules on clusters for computing: schedulers, storage, fabrics, accelerators, provisioning.

:data:`ROWS` are rules, as :mod:`stentor.guard.match` has them; :data:`TOOLS` says how these programs read
their words, as :mod:`stentor.guard.table_tools` does.
"""

ROWS = """
# schedulers
scancel | -u/--user/-p/--partition/-A/--account/-t/--state/-w/--nodelist/-q/--qos/-R/--reservation | kill-all
  | cancels all jobs of a kind
scontrol | hold,suspend,requeue,requeuehold each:unknown | kill-all | scontrol {first} of whatever another
  command lists
scontrol | update each=jobid=* each:unknown | kill-all | changes whatever jobs another command lists
scancel qdel bkill qsig qrerun | each:unknown | kill-all | {name} of whatever another command lists
scontrol | shutdown,reboot,reboot_nodes | power | scontrol {all}: nodes or the scheduler go down
scontrol | delete | drop-data | scontrol {all}: it is gone
scontrol | update each=state=d*,state=fail*,state=in*,state=power_d*,state=n* | prune |
  scontrol {all}: jobs may end, and no new ones start there
scontrol | suspend,requeue,requeuehold,abort,takeover | kill-all | scontrol {all}: jobs or the scheduler stop
slurmctld slurmd slurmdbd | -c | drop-data | {name} forgets jobs and states
sacctmgr | delete,remove,archive,load,clear | drop-data | sacctmgr {all}: it is gone
sacctmgr | modify set each=*max*=0,*grp*=0 | drop-data | sacctmgr {all}: nobody of them can run anything
qdel | all | kill-all | cancels every job
qdel | -u each | kill-all | cancels all jobs of a user
bkill bstop | ..,0 | kill-all | {name}: every job ends or stops
bkill | -u/-q/-m/-g/-J/-P/-app | kill-all | cancels all jobs of a kind
condor_rm condor_vacate condor_hold | -all/-a/--all/-constraint | kill-all | {name}: jobs of many stop
qterm condor_off lsfshutdown condor_drain | | kill-all | {name}: the scheduler or nodes stop
pbsnodes | -o | prune | no new jobs start on {all}
qmgr | -c=d*,unset* | drop-data | a queue, a node or a setting of the scheduler is gone
qmgr | -c=*scheduling*false*,*enabled*false*,*started*false*,*state*offline* | prune
  | no new jobs start
qdisable qstop | each | prune | {name} {all}: no new jobs start
pbs_server | -t=create,cold | drop-data | pbs_server forgets jobs and queues
qmod | -d/-s/-sq/-sj/-rq/-rj each | prune | qmod {all}: queues or jobs stop
qconf | -d?* | drop-data | qconf: a part of the scheduler's settings is gone
qconf | -k?* | kill-all | qconf: parts of the scheduler stop
badmin | qclose,qinact,hclose,hshutdown | prune | badmin {all}: no new jobs start
lsadmin | limshutdown,resshutdown | prune | lsadmin {all}: no new jobs start
flux | cancel,job,cancelall,pkill --all | kill-all | flux {all}: every job stops
flux | queue,resource stop,disable,drain | prune | flux {all}: no new jobs start
flux | shutdown | kill-all | the scheduler stops
mungekey create-munge-key | -f/--force/-c/--create | lock-out | replaces the key of the cluster: nodes no
  longer trust each other

# ceph
ceph | osd destroy,purge,purge-new,rm,out,lost,down,stop,pause | drop-data | ceph {all}: a disk of the cluster
  is lost, or the cluster stops
ceph | osd crush rm,remove,unlink | drop-data | ceph {all}: data are moved, or a part of the cluster is gone
ceph | osd set pause,full,noup,nodown,noin | drop-data | ceph {all}: the cluster stops, or does not see what
  fails
ceph | osd pool delete | drop-data | ceph {all}: a pool is lost
ceph | osd pool set size,min_size 1 | drop-data | ceph {all}: one disk less, and data are lost
ceph | osd setcrushmap,setmaxosd,force-create-pg,tier,blocklist,erasure-code-profile rm,remove,add,-i |
  drop-data | ceph {all}: clients or data are cut off
ceph | osd setcrushmap,force-create-pg | drop-data | ceph {all}: data are moved or lost
ceph | pg force_create_pg,force-create-pg,mark_unfound_lost | drop-data | ceph {all}: data are lost
ceph | --*really* | drop-data | ceph {all}: what ceph itself asks about
ceph | fs,mon,mds,mgr,auth,config-key rm,remove,del,delete,fail,stop,reset,rm_data_pool | drop-data | ceph
  {all}: a part of the cluster is gone
ceph | orch rm,stop,remove,drain,zap,pause !status | drop-data |
  ceph {all}: a part of the cluster stops or is gone
ceph | config,tell mon_allow_pool_delete,--mon-allow-pool-delete* true | drop-data | pools may be deleted
  afterwards
ceph | tell exit,shutdown,injectargs | drop-data | ceph {all}: changes the running cluster
cephadm | rm-cluster,rm-daemon,zap-osds | drop-data | cephadm {all}: a part of the cluster is gone
radosgw-admin | ..,rm,purge,suspend,unlink,delete | drop-data | radosgw-admin {all}: data is lost
ceph-volume | lvm,raw,simple zap | make-filesystem | destroys what is on {last}
rados | rm,purge,rmpool,rmsnap,rollback,cleanup,truncate | drop-data | rados {all}: data is lost
rbd | rm,remove,unmap | drop-data | rbd {all}: an image is lost or cut off
rbd | resize --allow-shrink | drop-data | rbd {all}: data at its end is lost
rbd | trash purge,rm,remove,mv,move | drop-data | rbd {all}: an image is lost
rbd | snap,snapshot,mirror,group,namespace purge,rollback,rm,remove,demote,disable,resync | drop-data | rbd
  {all}: a snapshot or what came after it is lost
ceph-mon ceph-osd ceph-mds | --mkfs | drop-data | {name}: what it held is lost
ceph-objectstore-tool ceph-kvstore-tool ceph-monstore-tool |
  ..,remove,rm,rm-prefix,destructive-repair,truncate | drop-data | {name}: data is lost
ceph-objectstore-tool | --op=remove,export-remove | drop-data | {name}: data is lost
cephfs-journal-tool cephfs-table-tool cephfs-data-scan | ..,reset,init,truncate,splice | drop-data | {name}
  {all}: what is not written yet is lost

# parallel and shared file systems
lctl | deactivate,abort_recovery,cleanup,detach,clear_conf | unmount | lctl {all}: a part of the file system
  is cut off
lctl | conf_param,set_param each=*active=0,*readonly=1,*degraded=1 | unmount | lctl {all}: a part of the file
  system is cut off
lctl | network down,unconfigure | unmount | lctl {all}: the file system is cut off
lctl | pool_destroy,pool_remove,snapshot_destroy,changelog_deregister,llog_cancel,llog_remove | drop-data |
  lctl {all}: it is gone
tunefs.lustre | --writeconf/--erase-params/--erase-param | make-filesystem | changes what {last} is mounted
  with
lfs | rmfid,rm_entry,hsm_release,hsm_remove,unlink_foreign | remove-tree | lfs {all}: files are lost
lfs | mirror delete,split | drop-data | lfs {all}: copies are lost
lnetctl | lnet unconfigure | unmount | lnetctl {all}: the file system is cut off
lnetctl | net,peer,route del | unmount | lnetctl {all}: the file system is cut off
lustre_rmmod | | unmount | every part of the file system is unloaded
beegfs-ctl | --removenode/--removetarget/--removemirrorgroup/--deletedir/--unmaptarget/--setstate | drop-data
  | a part of the file system is gone
beegfs | ..,delete,remove,set-state,unmap | drop-data | beegfs {all}: a part of the file system is gone
beegfs-fsck | --automatic | make-filesystem | repairs the file system without a question
mmdelfs mmdelnsd mmdeldisk mmdelnode mmdelfileset mmdelsnapshot mmrestorefs mmunlinkfileset mmexpelnode
  mmdelacl mmcrfs mmcrnsd | each | drop-data | {name}: a part of the file system is gone
mmcrnsd mmcrfs mmdelnsd mmdelnode | -F/-p/-N | drop-data | {name}: a part of the file system is gone
mmshutdown | | unmount | {name}: the file system is cut off
mmumount mmunmount | | unmount | {name} {all}: the file system is unmounted
mmchdisk | ..,stop,suspend | drop-data | mmchdisk {all}: a part of the file system is cut off
mmfsck | -y | make-filesystem | repairs the file system without a question
mmapplypolicy | !-I=test,prepare | remove-tree | moves or deletes files as a policy says
mmquotaoff mmdefquotaoff | each | drop-data | nobody's use of the disk is limited any more
gluster | volume,vol delete,stop,reset,remove-brick,replace-brick,reset-brick !status | drop-data |
  gluster {all}: a volume is lost
gluster | peer detach | drop-data | takes a node out of its cluster
gluster | snapshot delete,restore | drop-data | gluster {all}: a snapshot or what came after it is lost
drbdadm drbdsetup |
  down,invalidate,invalidate-remote,wipe-md,create-md,disconnect,secondary,detach,outdate,del-peer,forget-peer
  | drop-data | {name} {all}: a device is lost
drbdadm drbdsetup | primary --force/-f | drop-data | {name} {all}: the copies may part
linstor | ..,delete,d,lost,rollback,evacuate | drop-data | {name} {all}: a device is lost
weka isi | ..,delete,remove,stop,destroy,reset,shutdown,reboot,smartfail | drop-data | {name} {all}: a part of
  the file system is gone

# disks, controllers and targets
storcli storcli64 perccli perccli64 ssacli hpssacli arcconf tw_cli mvcli lsiutil sas2ircu sas3ircu |
  ..,del,delete,erase,clear,init,initialize,deletevolume,task,offline,missing,spindown,uninit,unconfig,setconfig
  | make-filesystem | {name} {all}: a volume of the controller is lost
storcli storcli64 perccli perccli64 | ..,start init,initialization,erase,migrate | make-filesystem | {name}
  {all}: a volume of the controller is lost
storcli storcli64 perccli perccli64 | ..,set offline,jbod,good,missing,factory,jbod=*,personality=* |
  make-filesystem | {name} {all}: disks of the controller change
storcli storcli64 perccli perccli64 | ..,add vd | make-filesystem | {name} {all}: a volume of the controller
  is made anew
megacli MegaCli MegaCli64 |
  -CfgLdDel/-CfgLDDel/-CfgClr/-CfgForeign/-LDInit/-PDClear/-PDOffline/-PDMarkMissing/-AdpFacDefSet/-PDMakeGood/-LDClear/-SecureErase
  | make-filesystem | {name}: volumes of the controller are changed or lost
megacli MegaCli MegaCli64 | -Cfg*Add | make-filesystem | {name}: volumes of the controller are changed or lost
nvme |
  format,sanitize,delete-ns,detach-ns,create-ns,fw-commit,fw-download,reset,subsystem-reset,write,write-zeroes,write-uncor,dsm,disconnect,disconnect-all,security-send,admin-passthru,io-passthru
  | make-filesystem | nvme {first} destroys what is on {last}, or takes it away
multipathd | del,remove,fail,suspend,shutdown,disablequeueing | make-filesystem | multipathd {all}: takes
  disks away
multipathd | -k=del?*,fail?*,remove?*,shutdown*,suspend?*,disablequeueing* | make-filesystem | multipathd:
  takes disks away
mpathconf | --disable | make-filesystem | disks may not be found at the next boot
iscsiadm | -o/--op=delete | make-filesystem | disks are not found again
targetcli | ..,delete,clearconfig,restoreconfig | make-filesystem | targetcli {all}: other machines lose their
  disks
targetctl | clear,restore | make-filesystem | other machines lose their disks
tgtadm | --op/-o=delete,unbind | make-filesystem | other machines lose their disks
tgt-admin | --delete/--offline | make-filesystem | other machines lose their disks
sg_reset | each:disk | make-filesystem | resets {}
sg_start | --stop/-S | make-filesystem | stops {last}
sg_persist | -C/--clear/-P/--preempt/-A/--preempt-abort | make-filesystem | takes {last} from others
sg_write_same sg_write_buffer | each:disk | make-filesystem | {name} writes to {}
rescan-scsi-bus.sh | -r/--remove/-f/--forceremove | make-filesystem | disks are taken away
scsi_stop | each | make-filesystem | stops {last}
lvmdevices | --deldev/--delpvid | make-filesystem | volumes may not be found at the next boot
pvresize | --setphysicalvolumesize | make-filesystem | makes {last} smaller than what is on it
tune2fs | -O/-U/-J/-Q | make-filesystem | changes what the file system on {last} is mounted by
xfs_admin | -U/-O | make-filesystem | changes what the file system on {last} is mounted by
btrfstune | -u/-U/-m/-M/-S/-f | make-filesystem | changes what {last} is mounted by
btrfs-convert | each | make-filesystem | rewrites the file system on {last}
fsck fsck.ext4 fsck.ext3 fsck.ext2 fsck.btrfs fsck.vfat e2fsck | -y | make-filesystem | {name} rewrites what
  is on {last}, whatever it finds
reiserfsck | --rebuild-tree/--rebuild-sb | make-filesystem | rewrites {last}
swapoff | -a/--all | kill-all | without swap, programs may be ended for want of memory
zpool | upgrade,replace,add,attach 2+ | make-filesystem | zpool {all}: cannot be taken back
zpool | upgrade -a | make-filesystem | zpool {all}: cannot be taken back
quotaoff | -a | drop-data | nobody's use of the disk is limited any more
quotaoff | each | drop-data | nobody's use of {last} is limited any more
xfs_quota | -c=off*,disable*,remove* | drop-data | nobody's use of the disk is limited any more

# fabrics and cards
ibportstate | ..,disable,reset,off,down | network | ibportstate {all}: a link of the fabric goes down
mlxlink | -a/--port_state=DN,TG,dn,tg | network | a link of the fabric goes down
mlxconfig mstconfig | ..,set,reset,s,r,set_raw | network | {name} {all}: the card works otherwise after the
  next boot
mlxfwreset mstfwreset | ..,reset,r | network | the card leaves the network while it restarts
mlxfwmanager mlxup | -u/--update/-f/--force | network | overwrites the firmware of the card
flint mstflint | ..,burn,b,erase,sg,smg,sv,reset,swreset,brom,drom | network | {name} {all}: overwrites the
  firmware of the card
devlink | dev,port,health reload,flash,del,split,unsplit | network | devlink {all}: the card leaves the
  network
mst | stop | network | the firmware of cards cannot be reached
rdma | link,dev del,delete | network | rdma {all}: the card leaves the network
ethtool | -f/--flash/-E/--change-eeprom | network | ethtool {all}: overwrites what is kept on the card
ethtool | -t/--test !online | network | ethtool {all}: the link goes down for a while
wicked | ifreload | network | wicked {all}: the node may leave the network
ifreload | -a/--all | network | {name} {all}: the node may leave the network
teamdctl | ..,remove | network | teamdctl {all}: a port leaves its team
teamd | -k/--kill | network | the team ends
nmstatectl | apply,set,rollback | network | nmstatectl {all}: the node may leave the network
opadisableports opadisablehosts opaswdisableall | | network | {name}: links of the fabric go down
opaportconfig | ..,disable,bounce,down | network | a link of the fabric goes down
setpci | each=*=* | network | writes to registers of a card
wrmsr | each | power | writes to registers of the processor

# accelerators
nvidia-smi | !* -r/-gpu-reset | kill-all | resets accelerators: what
  runs on them ends
nvidia-smi | !*
  -mig/-multi-instance-gpu/-e/-ecc-config/-c/-compute-mode/-dm/-driver-model/-gom/-vm | kill-all | nvidia-smi:
  jobs cannot use the accelerators as before
nvidia-smi | !* -pm/-persistence-mode=0,DISABLED | kill-all | nvidia-smi: the driver lets idle accelerators go
nvidia-smi | mig -dci/-dgi/-destroy-compute-instance/-destroy-gpu-instance | kill-all | nvidia-smi mig: parts
  of accelerators are gone, with what runs there
nvidia-smi | drain -m/-modify/-r/-remove | kill-all | takes accelerators out of use
nvidia-uninstall cuda-uninstaller amdgpu-uninstall | | package | removes the driver of the accelerators
nvidia-installer | -uninstall | package | removes the driver of the accelerators
nv-hostengine | -t/--term | kill-all | the watch over the accelerators ends
dcgmi | config,policy,group --set/--clear/-d/--delete | kill-all | dcgmi {all}: accelerators work otherwise
rocm-smi | --gpureset/--setcomputepartition/--setmemorypartition | kill-all | resets accelerators: what runs
  on them ends
amd-smi | reset | kill-all | resets accelerators: what runs on them ends
amd-smi | set -C/--compute-partition/-M/--memory-partition | kill-all | accelerators work otherwise
xpu-smi | config,updatefw --reset/--eccmemory/-f/--file | kill-all | {name} {all}: accelerators work otherwise
hl-smi | -r/--reset | kill-all | resets accelerators: what runs on them ends

# provisioning
rpower | ..,off,reset,boot,cycle,softoff,suspend,reseat,bmcreboot | power | rpower {all}: machines go down
nodeset | ..,boot,install,netboot,osimage,osimage=*,runimage=*,shell,iscsiboot | power | {name} {all}:
  machines are set up anew, or start from something else
rinstall winstall rnetboot rbootseq rflash | 1 !stat,status | power | {name} {all}: machines are set
  up anew, or start from something else
rsetboot | ..,net,hd,cd,def,default | power | rsetboot {all}: machines start from something else
noderm rmdef rmimage rmvm rmhwconn tabrestore restorexCATdb rmkit | | drop-data | {name} {all}: machines or
  images are gone
xcatconfig | -i/--initinstall/-d/--database | drop-data | sets the cluster's data up anew
makedhcp makedns | -d/-n/--delete/--new | network | {name} {all}: machines may not find each other
wwctl | ..,delete,rm,remove,off,cycle,reset,soft | drop-data | wwctl {all}: machines or images are gone, or go
  down
wwsh | ..,delete,destroy,poweroff,powercycle | drop-data | wwsh {all}: machines or images are gone, or go down
cobbler | ..,remove,poweroff,reboot | drop-data | cobbler {all}: machines or images are gone, or go down
cobbler | system,profile edit --netboot-enabled=1,[tTyY]* | power | machines are set up anew at their next
  boot
hammer | ..,delete,delete-*,reboot,stop,reset,remove,purge | drop-data | {name} {all}: it is gone, or goes
  down
maas | ..,delete,release,power-off,abort,mark-broken,rescue-mode | drop-data | maas {all}: machines are gone
  or go down
cmsh | -c=*power*off*,*power*reset*,*reboot*,*shutdown*,*remove*,*drain?-*,*power*cycle* | power | machines of
  the cluster go down or are gone
ipmitool | sel clear,delete | drop-data | the log of the machine's controller is lost
ipmi-sel | --clear/--delete/--delete-all | drop-data | the log of the machine's controller is lost
ipmitool | chassis policy always-off | power | the machine does not come back after power is lost
ipmitool | hpm,fwum upgrade,activate,download | power | overwrites the firmware of the machine's controller
ipmi-chassis | --chassis-control/-c=POWER-DOWN,POWER-CYCLE,HARD-RESET,SOFT-SHUTDOWN | power | the machine goes
  down
racadm | ..,powerdown,powercycle,hardreset,graceshutdown | power | racadm {all}: the machine goes down
racadm |
  ..,racreset,racresetcfg,systemerase,clrsel,clrraclog,sslresetcfg,secureerase,resetconfig,deletevd,cryptographicerase,fwupdate,update,createvd
  | power | racadm {all}: the machine or its controller is reset, or its disks are lost
racadm | jobqueue delete | power | racadm {all}: what was to happen is forgotten
racadm | raid,storage init:*,deletevd:*,resetconfig:*,secureerase:*,cryptographicerase:*,forceoffline:* |
  make-filesystem | racadm {all}: a volume of the controller is lost
racadm | each=deletevd:*,resetconfig:*,secureerase:*,cryptographicerase:* | make-filesystem | racadm {all}: a
  volume of the controller is lost
ilorest |
  reboot,factorydefaults,iloreset,biosdefaults,clearlog,drivesanitize,deletelogicaldrive,clearcontrollerconfig,factoryresetcontroller,flashfwpkg
  | power | {name} {all}: the machine or its controller is reset, or its disks are lost
hponcfg | -r/--reset | power | the machine's controller is reset
ipmicfg IPMICFG | -fd/-fde/-fdl/-r | power | the machine's controller is reset
sum saa | -c/--command=LoadDefault*,Update*,Erase*,Change*,SetPower*,Secure* | power | the machine or its
  controller is reset
onecli OneCli | ..,turnoff,reboot,loaddefault,flash | power | the machine or its controller is reset
redfishtool | raw DELETE,POST,PATCH | power | redfishtool {all}: the machine or its controller changes
grubby | --update-kernel/--remove-kernel/--set-default/--set-default-index | make-filesystem | changes what
  kernels start with, or which one does
dracut | -o/--omit/--omit-drivers | make-filesystem | the next boot may lack what it needs
update-bootloader pbl | --install/--reinit/--remove/--del-option | make-filesystem | changes what the machine
  starts with
shim-install | | make-filesystem | replaces the boot loader
efivar | -w/--write/-a/--append | make-filesystem | writes to the firmware
"""

TOOLS = """
scancel | -AnpqRstuwM --account --name --jobname --partition --qos --reservation --signal --state --user
  --nodelist --clusters --wckey | --help --usage -V --version | slurm: scancel(1)
scontrol sacctmgr | anycase -M --clusters | --help --usage -V:scontrol --version | slurm: scontrol(1),
  sacctmgr(1)
slurmctld slurmd slurmdbd | -fLnNd | -h -V | slurm: slurmctld(8)
qdel qsig qrerun qterm qdisable qstop | -uWst:qterm -W -s:qsig | --version --help | PBS Professional:
  qdel(1B), qterm(8B); Grid Engine: qdel(1)
bkill bstop | words -u -q -m -g -J -P -app -s -r | -h -V | IBM Spectrum LSF: bkill
condor_rm condor_vacate condor_hold condor_off condor_drain | words -name -pool -constraint -reason | -help -h
  -version | HTCondor manual: condor_rm(1)
lsfshutdown lsadmin badmin | -C | -h -V | IBM Spectrum LSF: badmin, lsadmin
pbsnodes qmgr pbs_server | anycase -c:qmgr -t:pbs_server -s:pbsnodes -F:pbsnodes -C:pbsnodes | --version
  -a:pbsnodes -l:pbsnodes | PBS Professional: pbsnodes(8B), qmgr(8B)
qmod qconf | words | -help -sql | Grid Engine: qmod(1), qconf(1)
mungekey create-munge-key | -bk --bits --keyfile | -h --help -V --version | munge: mungekey(8)
ceph | -nkmc --id --name --keyring --cluster --conf --format -i -f -o | --help -h --dry-run --version |
  ceph(8)
cephadm radosgw-admin | --fsid --name --bucket --uid --object --pool --image --subuser | --help -h |
  cephadm(8), radosgw-admin(8)
ceph-volume rados rbd | -pNnkmci --pool --namespace --id --cluster --keyring --image --snap --size -s | --help
  -h --test | ceph-volume(8), rados(8), rbd(8)
ceph-mon ceph-osd ceph-mds ceph-objectstore-tool ceph-kvstore-tool ceph-monstore-tool cephfs-journal-tool
  cephfs-table-tool cephfs-data-scan | -ickm --id --op --data-path --pgid --file --rank --monmap --keyring |
  --help -h --dry-run --version | ceph-mon(8), ceph-osd(8), ceph-objectstore-tool(8), cephfs-journal-tool(8)
lctl lfs lnetctl lustre_rmmod | --device | --help --list-commands --version | Lustre manual: lctl(8), lfs(1),
  lnetctl(8)
tunefs.lustre | --param --mgsnode --failnode --comment | --print --dryrun --help -n | Lustre manual:
  tunefs.lustre(8)
beegfs-ctl beegfs beegfs-fsck | --nodetype --nodeid --targetid --mount --cfgFile | --help --listnodes
  --listtargets --readOnly --dry-run | doc.beegfs.io: beegfs-ctl, beegfs
mmdelfs mmdelnsd mmdeldisk mmdelnode mmdelfileset mmdelsnapshot mmrestorefs mmunlinkfileset mmexpelnode
  mmdelacl mmcrfs mmcrnsd mmshutdown mmumount mmunmount mmchdisk mmfsck mmapplypolicy mmquotaoff mmdefquotaoff
  | -NFPIgpTnBv:mmcrfs -PI:mmapplypolicy -NFpI | -h -? --help -n:mmfsck | IBM Storage Scale: command reference
gluster | --mode --remote-host --timeout | --help --version .help | gluster(8)
drbdadm drbdsetup linstor | -cdm:linstor --stacked-timeouts --controllers | --dry-run -d:drbdadm -h --help |
  drbdadm(8), drbdsetup(8); linstor user's guide
weka isi | -H --host | --help -h | docs.weka.io: weka; OneFS CLI command reference
storcli storcli64 perccli perccli64 ssacli hpssacli arcconf tw_cli mvcli lsiutil sas2ircu sas3ircu | anycase |
  --help -h .help | Broadcom: StorCLI, SAS-2 IR Configuration Utility; HPE: ssacli; Adaptec: arcconf; 3ware:
  tw_cli
megacli MegaCli MegaCli64 | words | -h -CfgDsply -CfgFreeSpaceInfo | Broadcom: MegaCLI
nvme | -nslfp --namespace-id --ses --lbaf --sanact | --help .help | nvme-cli: nvme-format(1)
multipathd mpathconf | -k:multipathd | -h --help | multipathd(8), mpathconf(8)
multipath iscsiadm | -mTpoLIr --mode --targetname --portal --op --interface | -l:multipath -h --help |
  multipath(8), iscsiadm(8)
targetcli targetctl tgtadm tgt-admin | -ltomTLbc:tgtadm --lld --op --mode --tid --lun | --help -h --version
  --dump --show -s --pretend | targetcli(8), tgtadm(8), tgt-admin(8)
sg_reset sg_start sg_persist sg_write_same sg_write_buffer rescan-scsi-bus.sh scsi_stop | -n:sg_write_same
  -l:sg_write_same -K:sg_persist -S:sg_persist -T:sg_persist | --help -h -V --version | sg3_utils:
  sg_reset(8), sg_persist(8), rescan-scsi-bus.sh(8)
lvmdevices pvresize | --devicesfile --setphysicalvolumesize --deldev --delpvid | -t --test --help -h --version
  | lvmdevices(8), pvresize(8)
tune2fs xfs_admin btrfstune btrfs-convert | -cCeEgiIjJLmMoOQrTuUz:tune2fs -LUO:xfs_admin -U:btrfstune
  -M:btrfstune | -l -h --help --version -V | e2fsprogs: tune2fs(8); xfs_admin(8); btrfs-progs: btrfstune(8)
fsck fsck.ext4 fsck.ext3 fsck.ext2 fsck.btrfs fsck.vfat e2fsck reiserfsck | -tbBEjlLz | -n -N -V --help |
  util-linux: fsck(8); e2fsprogs: e2fsck(8); reiserfsck(8)
swapoff quotaoff xfs_quota | -LU:swapoff -F:quotaoff -x:quotaoff -c:xfs_quota -d:xfs_quota -D:xfs_quota
  -P:xfs_quota | -p:quotaoff --print-state --help -h -V --version | util-linux: swapoff(8); quotaon(8),
  xfs_quota(8)
ibportstate mlxlink mlxconfig mstconfig mlxfwreset mstfwreset mlxfwmanager mlxup flint mstflint |
  -CPstLD:ibportstate -dpgai:mlxlink -dfe:mlxconfig -dl:mlxfwreset -di:mlxfwmanager -di:flint -di:mstflint
  --dev --device --port --port_state --image --level | --help -h -v --version --query --query-format -q:flint
  | infiniband-diags: ibportstate(8); NVIDIA firmware tools: mlxlink, mlxconfig, mlxfwreset, flint
devlink rdma ethtool teamdctl teamd nmstatectl ifreload | -s:ethtool -t:teamd --timeout | --help -h -V
  --version -n:ifreload --no-act --syntax-check .help .show | iproute2: devlink(8), rdma(8); ethtool(8);
  libteam: teamdctl(8); nmstatectl(8); ifupdown2: ifreload(8)
opadisableports opadisablehosts opaswdisableall opaportconfig | -hpm | --help | Omni-Path: opaportconfig(1)
setpci wrmsr | -sdAp:wrmsr | --help --version -D --dumpregs | pciutils: setpci(8); msr-tools: wrmsr(1)
nvidia-smi nvidia-installer | words -i -id -pm -e -c -mig -dm -l -lms -f -d -g -pl -ac -lgc -lmc -gi -ci -p -m
  -query-gpu -format -filename -gom -vm -ecc-config -compute-mode -persistence-mode -multi-instance-gpu | -h
  -help -L -list-gpus -q -query | NVIDIA: nvidia-smi(1)
nvidia-uninstall cuda-uninstaller amdgpu-uninstall nv-hostengine dcgmi rocm-smi amd-smi xpu-smi hl-smi |
  -gdi:dcgmi -g:amd-smi -d:xpu-smi -i:hl-smi --group --device | --help -h --version -v .help | NVIDIA: DCGM
  user guide; ROCm: rocm-smi, amd-smi; Intel: xpu-smi
rpower rinstall winstall nodeset rnetboot rbootseq rflash rsetboot noderm rmdef rmimage rmvm rmhwconn
  tabrestore restorexCATdb rmkit xcatconfig makedhcp makedns | -to:rmdef -p:rflash | --help -h -v --version
  --test | xCAT: rpower(1), nodeset(8), rmdef(1), makedns(8)
wwctl wwsh cobbler hammer maas | -uspC:wwsh --name --id --hostname --organization | --help -h .help --version
  .list | Warewulf: wwctl; Cobbler: cobbler(1); Foreman: hammer; MAAS CLI
cmsh | -cf | --help -h | NVIDIA Base Command Manager: administrator manual
ipmi-sel ipmi-chassis | -hupkDlc:ipmi-chassis --hostname --username --password --chassis-control | --help
  --version --usage | freeipmi: ipmi-sel(8), ipmi-chassis(8)
ipmicfg IPMICFG | words | -h -help | Supermicro: IPMICFG
ilorest hponcfg sum saa onecli OneCli | -f:hponcfg -w:hponcfg -c:sum -c:saa -iuplf:sum --command --url
  --user --password | --help -h | HPE: iLOrest; Supermicro: IPMICFG, SUM; Lenovo: OneCLI
grubby dracut update-bootloader pbl shim-install efivar | -aomdk:dracut -n:efivar -f:efivar --kver | --help -h
  -V --version --info --default-kernel --list -l:efivar -p:efivar --dry-run | grubby(8), dracut(8),
  update-bootloader(8), efivar(1)
"""
