"""Rules on files, devices, volumes and mounts; the columns are explained in :mod:`stentor.guard.match`."""

ROWS = """
# removing and moving away
rm srm | -r/-R/--recursive each:lost | remove-tree | removes {}
rm srm | -r/-R/--recursive each:part | remove-tree | removes {}
wipe | -r each:lost | remove-tree | removes {}
rm srm rmdir unlink shred | !-r/-R/--recursive each:contents | remove-tree | removes {}
rm srm unlink shred truncate | each:kept | drop-data | removes {}: what it says is lost
mv | init:part | drop-data | moves away {}
mv | init:kept last=/tmp/*,/tmp,/dev/null,*.bak,*.old,*.orig,*.bad,~*,/root,/root/*,. | drop-data |
  moves away {}
drm | each:lost | remove-tree | removes {}
zip | -m/--move each:lost | remove-tree | removes {} once it is packed
7z 7za 7zr | a -s -d each:lost | remove-tree | removes {} once it is packed
gio | trash,remove each:lost | remove-tree | removes {}
trash-put trash gvfs-trash kioclient | each:lost | remove-tree | removes {}
rm srm rmdir unlink shred | each:login | login-file | removes {}, which a login or the next boot needs
rm srm rmdir unlink shred mv | each:device | write-device | overwrites or removes the device {}
mv | -t/--target-directory each:lost | remove-tree | moves away {}
mv | !-t/--target-directory init:lost | remove-tree | moves away {}
mv | -t/--target-directory each:login | login-file | moves away {}, which a login or the next boot needs
mv | init:login | login-file | moves away {}, which a login or the next boot needs
mv | last=/dev/null | remove-tree | moves files to {}, which destroys them or it
rsync | --del* last:tree | remove-tree | deletes what is not in the source from {}
rsync | --del* init:empty last:lost | remove-tree | deletes all of {}: the source is empty
rsync | --remove-source-files init:lost | remove-tree | removes the files of {} once they are copied
git | clean -f/--force -C:tree | remove-tree | removes every file that git does not know from {}
git | clean -f/--force each:tree | remove-tree | removes every file that git does not know from {}
git | clean -f/--force !-C !2+=*[a-z]* cwd:tree | remove-tree | removes every file that git does not know from
  {}
git | reset,checkout,restore,stash --hard/--force/-f/-u/--all -C:onto | login-file | puts back every file of
  {} as git knows it
git | reset,checkout,restore,stash --hard/--force/-f/-u/--all !-C cwd:onto | login-file | puts back every file
  of {} as git knows it
git | checkout,reset,restore,clean --work-tree:onto | login-file | puts back every file of {} as git knows it
git | checkout,restore .,:/,-- -C:onto | login-file | puts back every file of {} as git knows it
git | push -f/--force/--mirror/-d/--delete/--prune | drop-data | git push: what others pushed is lost
git | push :*,+* | drop-data | git push {last}: what others pushed is lost
git | filter-branch,filter-repo | drop-data | git {first}: rewrites the whole history
git | reflog expire --expire/--expire-unreachable=now,all,0 | drop-data | what was lost cannot be found again
git | gc,prune --prune/--expire=now,all | drop-data | what was lost cannot be found again
git | reflog delete | drop-data | what was lost cannot be found again
git | stash clear | drop-data | git {all}: what was put aside is lost
git | update-ref -d | drop-data | git {all}: a branch is gone
pip pip3 | uninstall -y/--yes -r/--requirement | package | {name} removes every package of a list
git | branch -D reads:git | drop-data | removes every branch that another command lists
git | branch -D each:unknown | drop-data | removes whatever branches another command lists
npm pnpm yarn cargo gem | ..,unpublish,yank | drop-data | {name} {all}: others miss it
etckeeper | vcs reset,checkout,clean,restore | login-file | puts back every file of /etc as it was
hg | purge,clean,revert cwd:tree | remove-tree | hg {first}: files are lost below {}
tar bsdtar gtar | --remove-files each:lost | remove-tree | removes {} once it is packed
gzip bzip2 xz lzma zstd lz4 | !-k/--keep/-c/--stdout/--to-stdout each:login | login-file | replaces {} by a
  packed file
gzip bzip2 xz lzma zstd lz4 | -r each:tree | remove-tree | replaces every file of {} by a packed one
systemd-tmpfiles | --purge | remove-tree | removes all that systemd-tmpfiles ever made
snapper | delete,rm,undochange,rollback | remove-tree | snapper {all}: snapshots or changes are lost
timeshift | --restore/--delete/--delete-all | remove-tree | timeshift: snapshots or changes are lost
gpg gpg2 | --delete-secret-keys/--delete-secret-and-public-keys | remove-tree | removes secret keys
mkltfs unltfs | -f/--force/-w/--wipe/-y | make-filesystem | {name} destroys what is on the tape
crontab | last=/dev/null | remove-tree | removes every cron job of the user
clush | --dest:login | login-file | overwrites {}, which a login or the next boot needs
clush | --dest:onto | login-file | overwrites files of {}: logins or the next boot need them
pdcp xdcp pscp pscp.pssh parallel-scp prsync parallel-rsync dcp dsync | last:login | login-file | overwrites
  {}, which a login or the next boot needs
dsync | -D/--delete init:empty | remove-tree | deletes all of {last}: the source is empty
tmpwatch tmpreaper | ..,0,0h,0d,0m last:lost | remove-tree | removes all of {}
scrontab | -r | remove-tree | removes every cron job of the user
atrm | each:unknown | remove-tree | removes whatever jobs another command lists
crontab | -r | remove-tree | removes every cron job of the user
7z 7za 7zr | d each:lost | remove-tree | deletes from {}

# overwriting
mv cp ln install scp rsync | into:login | login-file | overwrites {}, which a login or the next boot needs
cp ln install scp | last:device | write-device | overwrites the device {}
cp scp rsync | -r/-R/-a/--recursive/--archive inside:onto | login-file | overwrites {}, which logins or the
  next boot need
truncate | each:contents | remove-tree | empties {}
truncate | each:login | login-file | overwrites {}, which a login or the next boot needs
truncate | each:device | write-device | writes to the device {}
fallocate | -p/--punch-hole/-c/--collapse-range/-z/--zero-range each:login | login-file | removes a part of {}
fallocate | -p/--punch-hole/-c/--collapse-range/-z/--zero-range each:device | write-device | removes a part of
  {}
ed ex | each:login | login-file | edits {}, which a login or the next boot needs
vi vim nvim | -c/-es/-s/-S each:login | login-file | edits {}, which a login or the next boot needs
gawk awk | -i=inplace each:login | login-file | edits {}, which a login or the next boot needs
patch | 1:login | login-file | edits {}, which a login or the next boot needs
patch | -d/--directory:onto | login-file | edits files of {}: logins or the next boot need them
dpkg-divert | --rename each:login | login-file | moves away {}, which a login or the next boot needs
touch | each:nologin | lock-out | makes {}, which keeps people out
cp install mv ln | last:nologin | lock-out | makes {}, which keeps people out
cp install | last:sysfs | network | writes to {}: a disk or a network card may be gone
ddrescue | last:device | write-device | overwrites the device {}
sed | -i/--in-place -e/--expression/-f/--file each:login | login-file | edits {}, which a login or the next
  boot needs
sed | -i/--in-place !-e/--expression/-f/--file 2+:login | login-file | edits {}, which a login or the next
  boot needs
tar bsdtar gtar | -x/--extract/--get !1 -C/--directory:onto | login-file | unpacks over {}: logins or the next
  boot need it
tar bsdtar gtar | -x/--extract/--get !1 !-C/--directory cwd:onto | login-file | unpacks over {}: logins or the
  next boot need it
tar bsdtar gtar | -x/--extract/--get -C/--directory=/ each:inroot | login-file | unpacks over {}: logins need
  it
unzip | -d:onto | login-file | unpacks over {}: logins or the next boot need it
unzip | !-d cwd:onto | login-file | unpacks over {}: logins or the next boot need it
cpio | -i/--extract cwd:onto | login-file | unpacks over {}: logins or the next boot need it
cpio | -i/--extract -D/--directory:onto | login-file | unpacks over {}: logins or the next boot need it
unsquashfs | -d/-dest:onto | login-file | unpacks over {}: logins or the next boot need it
restic | restore -t/--target:onto | login-file | restores over {}: logins or the next boot need it
borg | extract cwd:onto | login-file | unpacks over {}: logins or the next boot need it
rclone | sync,move,copy last:onto | login-file | overwrites files of {}: logins or the next boot need them
ssh-keygen | -f=/etc/ssh/ssh_host_* | login-file | replaces a host key: clients refuse the new one
cpio | -p/--pass-through last:onto | login-file | copies over {}: logins or the next boot need it
7z 7za 7zr | x -o:onto | login-file | unpacks over {}: logins or the next boot need it
dpkg-deb | -x/-X/--extract/--vextract last:onto | login-file | unpacks over {}: logins or the next boot need
  it
curl | -o/--output:login | login-file | overwrites {}, which a login or the next boot needs
curl | -o/--output:device | write-device | overwrites the device {}
wget | -O/--output-document:login | login-file | overwrites {}, which a login or the next boot needs
curl | --output-dir:onto | login-file | downloads into {}: logins or the next boot need it
wget | -P/--directory-prefix:onto | login-file | downloads into {}: logins or the next boot need it
aria2c | -d/--dir:onto | login-file | downloads into {}: logins or the next boot need it
aria2c | -o/--out:login | login-file | overwrites {}, which a login or the next boot needs
sftp | 2:login | login-file | overwrites {}, which a login or the next boot needs
sftp | 2:onto | login-file | downloads into {}: logins or the next boot need it
http https xh sort gpg gpg2 iconv pandoc xmllint age cc gcc clang ld strace ltrace | -o/--output:login |
  login-file | overwrites {}, which a login or the next boot needs
uniq xxd | 2:login | login-file | overwrites {}, which a login or the next boot needs
openssl | -out:login | login-file | overwrites {}, which a login or the next boot needs
tcpdump | -w:login | login-file | overwrites {}, which a login or the next boot needs
pg_dump pg_dumpall | -f/--file:login | login-file | overwrites {}, which a login or the next boot needs
mysqldump | -r/--result-file:login | login-file | overwrites {}, which a login or the next boot needs
yq | -i/--inplace each:login | login-file | edits {}, which a login or the next boot needs
crudini | --set/--del each:login | login-file | edits {}, which a login or the next boot needs
find | -fprint/-fprint0/-fprintf/-fls:login | login-file | overwrites {}, which a login or the next boot needs
wget | -O/--output-document:device | write-device | overwrites the device {}
crontab | last=- !reads:crontab | remove-tree | replaces every cron job of the user

# owners; modes are in stentor.guard.modes
chown chgrp | -R/--recursive 2+:tree | ownership | changes owner or mode of {}
chown chgrp | -R/--recursive --reference each:tree | ownership | changes owner or mode of {}
chown | !root* !0* 2+:login | ownership | changes the owner of {}
chown | !root* !0* 2+:root | ownership | changes the owner of {}
chgrp | 2+:login | ownership | changes the owner of {}
chgrp | 2+:root | ownership | changes the owner of {}
setfacl | -R/--recursive each:tree | ownership | changes owner or mode of {}
setfacl | -b/--remove-all each:login | ownership | changes who may read {}
chattr | -R each:tree | ownership | changes what may be done with {}
chattr | +*[ia]* each:login | ownership | nobody can change {} afterwards
chcon | -R/--recursive each:tree | ownership | changes the SELinux label of {}

# disks, partitions, file systems
mkfs mke2fs newfs mkdosfs mkswap mkntfs mkreiserfs jfs_mkfs make-bcache | any:disk | make-filesystem | {name}
  destroys what is on {}
wipefs | -a/--all/-o/--offset each:disk | make-filesystem | wipefs destroys what is on {}
fdisk cfdisk sfdisk sgdisk gdisk | each:disk | make-filesystem | {name} destroys what is on {}
parted | ..,mklabel,mktable,mkpart,rm,resizepart,set,name,move,resize,rescue,toggle,disk_set | make-filesystem
  | parted changes the partitions of {first}
parted | 1 !2 | make-filesystem | parted changes the partitions of {first}
blkdiscard | each:disk | make-filesystem | blkdiscard destroys what is on {}
scrub nwipe wipe sg_format flashcp flash_erase flash_eraseall nandwrite | each:disk | make-filesystem | {name}
  destroys what is on {}
resize2fs | 2+ | make-filesystem | changes the size of what is on {first}, perhaps to less than its data need
resize2fs | -M each | make-filesystem | makes the file system on {last} as small as it gets
xfs_repair | -L | make-filesystem | drops the log of {last}, and with it what was written last
bcachefs integritysetup veritysetup | format | make-filesystem | {name} destroys what is on {last}
vdo stratis | ..,remove,destroy,delete | make-filesystem | {name} {all}: a volume or a pool is lost
sedutil-cli | --revert*/--yesIREALLY*/--PSIDrevert* | make-filesystem | erases {last}
sedutil-cli | --revert* | make-filesystem | erases {last}
sg_sanitize sg_unmap | each:disk | make-filesystem | {name} destroys what is on {}
partclone.restore partclone.ext4 partclone.xfs partclone.dd | -o/--output/-O:device | make-filesystem | {name}
  overwrites a device
fsarchiver | restfs,restdir | make-filesystem | fsarchiver {first} overwrites what is there
qemu-img | create,convert,dd each:device | write-device | overwrites the device {}
qemu-img | resize --shrink | make-filesystem | makes {last} smaller than what is in it
mt | ..,erase | make-filesystem | erases the tape
flashrom | -w/--write/-E/--erase | make-filesystem | overwrites the firmware of the machine
badblocks | -w | make-filesystem | badblocks -w overwrites all of {last}
cryptsetup |
  luksFormat,format,erase,luksErase,luksKillSlot,luksRemoveKey,reencrypt,luksHeaderRestore,luksSuspend |
  make-filesystem | cryptsetup {all}: what is on the device cannot be read any more
systemd-cryptenroll | --wipe-slot | make-filesystem | removes keys of {last}
pvcreate pvremove vgremove vgreduce lvremove lvreduce vgcfgrestore | each | make-filesystem | {name} destroys
  what is on {last}
lvresize | -L/--size/-l/--extents=-* | make-filesystem | makes {last} smaller than what is on it
lvconvert | --uncache/--splitcache/--splitmirrors/--repair | make-filesystem | changes what {last} is made of
lvconvert | --merge | make-filesystem | puts {last} back to its snapshot
vgchange lvchange | -a/--activate=n,-an,n* | unmount | switches volumes off
mdadm | --zero-superblock/--create/-C/--build/-B | make-filesystem | mdadm destroys what is on {last}
mdadm | --grow/-G | make-filesystem | changes the shape of {last}
vgrename lvrename vgsplit vgmerge | each | make-filesystem | {name} {all}: mounts and the next boot go by the
  old names
mdadm | --stop/-S | make-filesystem | stops {last}
mdadm | --fail/-f/--set-faulty/--remove/-r | make-filesystem | takes a disk out of its array
zpool | destroy,labelclear,export,create,remove,offline,detach,split,initialize,trim 2+ | make-filesystem |
  zpool {first}: a pool or its disks are lost or leave the node
zfs | destroy,rollback 2+ | make-filesystem | zfs {first} destroys what is in {last}
zpool | import -F/-X | make-filesystem | drops what was written last to {last}
zfs | set readonly=on,canmount=off,mountpoint=* | unmount | zfs {all}: mounts change
zfs | unload-key,rename,inherit,promote,change-key 2+ | unmount | zfs {all}: mounts change
zfs | receive,recv -F | make-filesystem | replaces what is in {last}
zfs | unmount,umount -a | unmount | unmounts every file system
btrfs | subvolume,sub,su delete,del,d | make-filesystem | deletes {last}
btrfs | device,dev delete,remove | make-filesystem | takes a disk away
btrfs | filesystem,fi resize -* | make-filesystem | makes {last} smaller
btrfs | rescue zero-log | make-filesystem | drops the log of {last}, and with it what was written last
btrfs | subvolume,sub,su set-default | make-filesystem | the next boot starts from another subvolume
btrfs | replace start | make-filesystem | overwrites a disk
btrfs | quota disable | make-filesystem | nobody's use of the disk is limited any more
btrfs | rescue chunk-recover,super-recover | make-filesystem | rewrites {last}
btrfs | check --init-csum-tree/--init-extent-tree/--force | make-filesystem | rewrites {last}
btrfs | check --repair | make-filesystem | rewrites {last}
hdparm | --security-erase* | make-filesystem | hdparm destroys what is on {last}
hdparm | --trim-sector-ranges/--make-bad-sector/--write-sector | make-filesystem | hdparm destroys what is on
  {last}
debugfs | -w | make-filesystem | writes to {last} below its file system
dmsetup | remove,remove_all,wipe_table,suspend | make-filesystem | takes volumes away while they are in use
multipath | -F/-f | make-filesystem | takes disks away
iscsiadm | -u/--logout | make-filesystem | takes disks away
efibootmgr | -B/-O/--delete-bootnum/--delete-bootorder | make-filesystem | removes a boot entry
efibootmgr | -o/--bootorder/-n/--bootnext | make-filesystem | changes what the machine starts from
bootctl | remove | make-filesystem | removes the boot loader
bootctl | set-default,set-oneshot | make-filesystem | changes what the machine starts from
grub-set-default grub2-set-default grub-reboot grub2-reboot | each | make-filesystem | changes what the
  machine starts from
fw_setenv | each | make-filesystem | changes what the machine starts from
update-initramfs | -d | make-filesystem | removes what a kernel starts with
mokutil | --reset/--delete | make-filesystem | changes which kernels may start
kernel-install | remove | make-filesystem | removes a kernel
grub-editenv grub2-editenv | ..,unset,set,create | make-filesystem | changes what the machine starts from
grub-install grub2-install lilo zipl extlinux | | make-filesystem | replaces the boot loader

# mounts
umount | -a/--all/-A/--all-targets | unmount | unmounts every file system
umount | each:mount | unmount | unmounts {}
umount | -R/--recursive each | unmount | unmounts {last} and all below it
umount | each:top | unmount | unmounts {}
umount | -t/--types=lustre,gpfs,beegfs,nfs*,ceph -a/--all | unmount | unmounts every file system of a kind
mount | -o/--options=*remount\\,ro*,*ro\\,remount* | unmount | makes a mounted file system read-only
mount | -t/--types=tmpfs,ramfs,overlay last:onto | unmount | hides {} below another file system
mount | -t/--types=tmpfs,ramfs,overlay last:mount | unmount | hides {} below another file system
mount | -B/--bind/-M/--move/-R/--rbind last:onto | unmount | hides {} below another directory
mount | -o/--options=*bind* last:onto | unmount | hides {} below another directory
udisksctl | unmount,power-off | unmount | udisksctl {first}: a file system or a disk is detached
losetup | -d/--detach/-D/--detach-all | unmount | takes a disk image away
kpartx partx | -d/--delete | unmount | takes partitions away
exportfs | -u | unmount | other machines lose what they have mounted from here
blockdev | --setro | unmount | makes a disk read-only
fsfreeze | -f/--freeze each | unmount | stops all writing to {last}
"""
