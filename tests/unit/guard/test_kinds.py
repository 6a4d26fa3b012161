"""Kinds of danger, each with lines that ask and lines of the same programs that do not."""

from __future__ import annotations

import pytest

from stentor.guard import examine

KINDS: dict[str, tuple[str, str]] = {
    "data that no program of the system owns": (
        """
        rm -rf /srv//./www/../www
        rm -rf /mnt/tank/*
        mv /mnt/tank/* /tmp/
        cd /var/lib; mv mysql{,.bak-$(date +%F)}
        find /mnt/media -iname '*.mkv' -delete
        fd -e jpg . /mnt/photos -x rm
        ls /mnt/pool | xargs -I{} rm -rf "/mnt/pool/{}"
        parallel rm -rf ::: /mnt/nas/*
        tar --remove-files -czf /root/www.tgz /var/www
        rsync -a --delete /tmp/empty/ /var/www/
        D=$(mktemp -d); rsync -a --delete "$D"/ /data/
        docker run --rm -v /srv/media:/m busybox sh -c 'rm -rf /m/*'
        rm -f /var/lib/mysql/ibdata1
        cd src/app && rm -rf .git
        """,
        """
        rm -rf /srv/app/releases/12
        rm -rf /scratch/alice/run42/tmp
        rm -rf /mnt/nas/cache
        mv /data/in/a.csv /data/out/
        find /scratch -mtime +60 -type f -delete
        find /data -name '*.tmp' -delete
        rsync -a --delete build/ /srv/www/site/
        ls /data | xargs -n1 echo
        docker run --rm -v /data:/d:ro busybox find /d -delete
        """,
    ),
    "a variable holds the command": (
        """
        x=rm; $x -rf /srv/media
        $(echo rm) -rf /data
        """,
        """
        x=ls; $x /srv/media
        """,
    ),
    "text for a shell elsewhere": (
        r"""
        screen -S nas -p 0 -X stuff $'poweroff\r'
        screen -S nas -X stuff 'reboot\n'
        tmux new-session -d 'rm -rf /mnt/backup/photos'
        kubectl exec web-0 -- sh -c 'rm -rf /var/www/html'
        kubectl debug node/n1 -it --image=busybox -- chroot /host reboot
        docker compose exec -T db psql -c 'TRUNCATE users'
        sbatch --wrap='rm -rf /scratch/*'
        pdsh -w node[1-9] 'rm -rf /scratch/*'
        salt '*' cmd.run 'rm -rf /scratch/*'
        gcloud compute ssh web-1 --command='sudo rm -rf /srv'
        aws ssm send-command --parameters 'commands=["rm -rf /data"]'
        ansible all -b -m file -a 'path=/srv state=absent'
        ansible all -m service -a 'name=sshd state=stopped'
        """,
        """
        kubectl exec web -- grep 'rm -rf /' /etc/motd
        kubectl exec db-0 -- mysql -e 'show tables'
        tmux send-keys -t 0 'ls /srv' C-m
        ssh web 'grep -c reboot /var/log/messages'
        salt '*' cmd.run 'ls /data'
        ansible all -b --check -m file -a 'path=/srv/old state=absent'
        """,
    ),
    "schedulers": (
        """
        scancel -u alice
        squeue -h -o %i | xargs scancel
        scontrol update NodeName=ALL State=DRAIN Reason=maint
        qmgr -c "set server scheduling = False"
        systemctl stop slurmctld
        """,
        """
        scancel 123456
        scontrol update nodename=node01 state=resume
        pbsnodes -l
        systemctl restart slurmd
        """,
    ),
    "storage of clusters": (
        """
        ceph osd pool delete rbd rbd --yes-i-really-really-mean-it
        rbd trash purge vms
        lfs find /lustre/scratch -type f | xargs rm -f
        mmshutdown -a
        storcli64 /c0/v0 del force
        """,
        """
        ceph osd ok-to-stop 3
        rbd trash ls vms
        mmfsck gpfs0 -n
        storcli /c0/eall/sall show rebuild
        """,
    ),
    "fabrics and accelerators": (
        """
        ibportstate 14 1 disable
        nvidia-smi -mig 0
        nvidia-smi --query-compute-apps=pid --format=csv,noheader | xargs kill -9
        fuser -k /dev/nvidia*
        """,
        """
        ibportstate 14 1 query
        nvidia-smi dmon -c 5
        nvidia-smi -q -d ECC,TEMPERATURE
        """,
    ),
    "provisioning and management controllers": (
        """
        rpower compute off
        cobbler system remove --name=node01
        racadm serveraction powerdown
        ipmitool sel clear
        """,
        """
        rpower compute stat
        cobbler system list
        racadm serveraction powerstatus
        ipmitool sel list
        """,
    ),
    "clouds and their storage": (
        """
        aws autoscaling set-desired-capacity --auto-scaling-group-name web --desired-capacity 0
        rclone sync /mnt/empty b2:backup
        incus stop --all --force
        gsutil -m rm -r gs://bucket
        """,
        """
        aws ec2 terminate-instances help
        rclone sync --dry-run /mnt/photos b2:backup
        gsutil rsync -n -d -r a gs://b
        """,
    ),
    "a test that is switched off is none": (
        """
        kubectl delete ns prod --dry-run=none
        """,
        """
        kubectl delete ns prod --dry-run=client
        zfs destroy 2>&1 | head -3
        """,
    ),
    "databases": (
        """
        psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        mongosh --eval 'db.shutdownServer()'
        redis-cli FlushAll
        curl -XDELETE 'https://search.example.com/_all'
        """,
        """
        psql -c 'EXPLAIN DELETE FROM users'
        redis-cli del session:1
        curl -X DELETE http://localhost:3000/api/todo/1
        """,
    ),
    "records": (
        """
        > /var/log/wtmp
        journalctl --rotate --vacuum-time=1s
        """,
        """
        > /var/log/app.log
        journalctl --vacuum-time=30d
        """,
    ),
    "what developers share": (
        """
        git push --force origin main
        git reflog expire --expire=now --all
        rails db:drop
        terraform apply -auto-approve
        """,
        """
        git push --dry-run --force
        git branch --merged | grep -v main | xargs git branch -d
        rails db:migrate:status
        terraform apply plan.out
        """,
    ),
}
ASK = [(kind, line.strip()) for kind, (ask, _) in KINDS.items() for line in ask.strip().splitlines()]
PASS = [(kind, line.strip()) for kind, (_, passes) in KINDS.items() for line in passes.strip().splitlines()]


@pytest.mark.parametrize(("kind", "line"), ASK)
def test_a_kind_is_questioned(kind: str, line: str) -> None:
    assert examine(line), kind


@pytest.mark.parametrize(("kind", "line"), PASS)
def test_its_harmless_neighbours_are_not(kind: str, line: str) -> None:
    assert not examine(line), kind
