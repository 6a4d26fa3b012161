"""Rules on files, devices, volumes and mounts; the columns are explained in :mod:`stentor.guard.match`."""

ROWS = """
# removing and moving away
rm | -r/-R/--recursive each:tree | remove-tree | removes {}
rm rmdir unlink shred | !-r/-R/--recursive each:contents | remove-tree | removes {}
rm rmdir unlink shred | each:login | login-file | removes {}, which a login or the next boot needs
rm rmdir unlink shred mv | each:device | write-device | overwrites or removes the device {}
mv | -t/--target-directory each:tree | remove-tree | moves away {}
mv | !-t/--target-directory init:tree | remove-tree | moves away {}
mv | init:login | login-file | moves away {}, which a login or the next boot needs
mv | last=/dev/null | remove-tree | moves files to {}, which destroys them or it
rsync | --del* last:tree | remove-tree | deletes what is not in the source from {}
rsync | --remove-source-files init:tree | remove-tree | removes the files of {} once they are copied
git | clean -f/--force -C:tree | remove-tree | removes every file that git does not know from {}
git | clean -f/--force each:tree | remove-tree | removes every file that git does not know from {}
git | clean -f/--force !-C !2+=*[a-z]* cwd:tree | remove-tree | removes every file that git does not know
  from {}
git | reset,checkout,restore --hard/--force/-f -C:onto | login-file | puts back every file of {} as git
  knows it
crontab | -r | remove-tree | removes every cron job of the user
7z 7za 7zr | d each:tree | remove-tree | deletes from {}

# overwriting
mv cp ln install scp rsync | into:login | login-file | overwrites {}, which a login or the next boot needs
cp ln install scp | last:device | write-device | overwrites the device {}
cp scp rsync | -r/-R/-a/--recursive/--archive inside:onto | login-file | overwrites {}, which logins or the
  next boot need
tee truncate | !-a/--append each:login | login-file | overwrites {}, which a login or the next boot needs
tee | -a/--append each=/proc/sysrq-trigger | login-file | overwrites {}, which a login or the next boot needs
tee truncate | each:device | write-device | writes to the device {}
dd | of=:login | login-file | overwrites {}, which a login or the next boot needs
dd | of=:device | write-device | overwrites the device {}
ddrescue | last:device | write-device | overwrites the device {}
sed | -i/--in-place -e/--expression/-f/--file each:login | login-file | edits {}, which a login or the next
  boot needs
sed | -i/--in-place !-e/--expression/-f/--file 2+:login | login-file | edits {}, which a login or the next
  boot needs
tar bsdtar gtar | -x/--extract/--get !1 -C/--directory:onto | login-file | unpacks over {}: logins or the
  next boot need it
tar bsdtar gtar | -x/--extract/--get !1 !-C/--directory cwd:onto | login-file | unpacks over {}: logins or
  the next boot need it
tar bsdtar gtar | -x/--extract/--get -C/--directory=/ each:inroot | login-file | unpacks over {}: logins
  need it
unzip | -d:onto | login-file | unpacks over {}: logins or the next boot need it
unzip | !-d cwd:onto | login-file | unpacks over {}: logins or the next boot need it
cpio | -i/--extract cwd:onto | login-file | unpacks over {}: logins or the next boot need it
cpio | -p/--pass-through last:onto | login-file | copies over {}: logins or the next boot need it
7z 7za 7zr | x -o:onto | login-file | unpacks over {}: logins or the next boot need it
dpkg-deb | -x/-X/--extract/--vextract last:onto | login-file | unpacks over {}: logins or the next boot
  need it
curl | -o/--output:login | login-file | overwrites {}, which a login or the next boot needs
curl | -o/--output:device | write-device | overwrites the device {}
wget | -O/--output-document:login | login-file | overwrites {}, which a login or the next boot needs
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

# disks, partitions, file systems
mkfs mke2fs newfs mkdosfs mkswap | each:disk | make-filesystem | {name} destroys what is on {last}
wipefs | -a/--all/-o/--offset each:disk | make-filesystem | wipefs destroys what is on {last}
fdisk cfdisk sfdisk sgdisk gdisk | each:disk | make-filesystem | {name} destroys what is on {last}
parted | ..,mklabel,mktable,mkpart,rm,resizepart,set,name,move,resize,rescue,toggle,disk_set |
  make-filesystem | parted changes the partitions of {first}
parted | 1 !2 | make-filesystem | parted changes the partitions of {first}
blkdiscard | each:disk | make-filesystem | blkdiscard destroys what is on {last}
scrub nwipe wipe sg_format flashcp flash_erase flash_eraseall nandwrite | each:disk | make-filesystem | {name}
  destroys what is on {last}
badblocks | -w | make-filesystem | badblocks -w overwrites all of {last}
cryptsetup | luksFormat,format,erase,luksErase,luksKillSlot,luksRemoveKey,reencrypt,luksHeaderRestore |
  make-filesystem | cryptsetup {first}: what is on {last} cannot be read any more
systemd-cryptenroll | --wipe-slot | make-filesystem | removes keys of {last}
pvcreate pvremove vgremove vgreduce lvremove lvreduce vgcfgrestore | each | make-filesystem | {name}
  destroys what is on {last}
lvresize | -L/--size/-l/--extents=-* | make-filesystem | makes {last} smaller than what is on it
lvconvert | --merge | make-filesystem | puts {last} back to its snapshot
vgchange lvchange | -a/--activate=n,-an,n* | unmount | switches volumes off
mdadm | --zero-superblock/--create/-C/--build/-B | make-filesystem | mdadm destroys what is on {last}
mdadm | --stop/-S | make-filesystem | stops {last}
mdadm | --fail/-f/--set-faulty/--remove/-r | make-filesystem | takes a disk out of its array
zpool | destroy,labelclear,export,create,remove,offline,detach,split,initialize,trim | make-filesystem |
  zpool {first}: a pool or its disks are lost or leave the node
zfs | destroy,rollback | make-filesystem | zfs {first} destroys what is in {last}
zfs | receive,recv -F | make-filesystem | replaces what is in {last}
zfs | unmount,umount -a | unmount | unmounts every file system
btrfs | subvolume,sub,su delete,del,d | make-filesystem | deletes {last}
btrfs | device,dev delete,remove | make-filesystem | takes a disk away
btrfs | check --repair | make-filesystem | rewrites {last}
nvme | format,sanitize,delete-ns,detach-ns,fw-commit,reset,subsystem-reset,write-zeroes,dsm,disconnect-all
  | make-filesystem | nvme {first} destroys what is on {last}, or takes it away
hdparm | --security-erase* | make-filesystem | hdparm destroys what is on {last}
hdparm | --trim-sector-ranges/--make-bad-sector/--write-sector | make-filesystem | hdparm destroys what is
  on {last}
debugfs | -w | make-filesystem | writes to {last} below its file system
dmsetup | remove,remove_all,wipe_table,suspend | make-filesystem | takes volumes away while they are in use
multipath | -F/-f | make-filesystem | takes disks away
iscsiadm | -u/--logout | make-filesystem | takes disks away
efibootmgr | -B/-O/--delete-bootnum/--delete-bootorder | make-filesystem | removes a boot entry
bootctl | remove | make-filesystem | removes the boot loader
kernel-install | remove | make-filesystem | removes a kernel
grub-install grub2-install lilo | | make-filesystem | replaces the boot loader

# mounts
umount | -a/--all/-A/--all-targets | unmount | unmounts every file system
umount | each:mount | unmount | unmounts {}
mount | -o/--options=*remount\\,ro*,*ro\\,remount* | unmount | makes a mounted file system read-only
mount | -t/--types=tmpfs,overlay last:onto | unmount | hides {} below another file system
mount | -B/--bind/-M/--move/-R/--rbind last:onto | unmount | hides {} below another directory
mount | -o/--options=*bind* last:onto | unmount | hides {} below another directory
fsfreeze | -f/--freeze each | unmount | stops all writing to {last}
"""
