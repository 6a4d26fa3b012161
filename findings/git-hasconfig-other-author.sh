#!/bin/sh
# `[includeIf "CONDITION"]` is how one ~/.gitconfig on all machines gives some repositories another address: by the
# remote, `hasconfig:remote.*.url:ssh://git.work.example/**` (since git 2.36), or by the folder, `gitdir:/srv/paid/`.
# git and GitPython follow both. pygit2 (libgit2) passes over the first. dulwich, which has code for both, commits
# by neither: it reads ~/.gitconfig by itself, without a word of the repository that it is read for. So they commit
# with the private address that stands above. No warning is printed, and it is noticed when the commit has been
# pushed. With pygit2 choose by folder; with dulwich give author and committer explicitly.
#
# Installs GitPython 3.2.1, dulwich 1.2.21 and pygit2 1.21.0 in a temporary folder; needs git. Fails if one of them
# behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  GitPython==3.2.1 dulwich==1.2.21 pygit2==1.21.0
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1
printf '[user]\n\temail = me@work.example\n' >work
git init -q -b main repository
cd repository
git remote add origin ssh://git.work.example/fleet
cat >../commit.py <<'END'
"""Make one empty commit with each of the programs."""
import subprocess
import git, pygit2
from dulwich import porcelain
git.Repo(".").index.commit("GitPython")
porcelain.commit(".", message=b"dulwich")
repository = pygit2.Repository(".")
author = repository.default_signature
repository.create_commit("HEAD", author, author, "pygit2", repository.head.peel().tree.id, [repository.head.target])
subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "git"], check=True)
END
git --version
python3 -c '
import dulwich, git, pygit2
print("GitPython", git.__version__, "dulwich", ".".join(map(str, dulwich.__version__)), "pygit2", pygit2.__version__)'
for condition in 'hasconfig:remote.*.url:ssh://git.work.example/**' "gitdir:$folder/repository/"; do
  printf '[user]\n\tname = me\n\temail = me@private.example\n' >../.gitconfig
  printf '[includeIf "%s"]\n\tpath = work\n' "$condition" >>../.gitconfig
  python3 ../commit.py
  echo "${condition%%:*}: $(git log -4 --format='%s %ae' | sort | paste -s -d ,)"
done >../seen
cat >../expected <<'TEXT'
hasconfig: GitPython me@work.example,dulwich me@private.example,git me@work.example,pygit2 me@private.example
gitdir: GitPython me@work.example,dulwich me@private.example,git me@work.example,pygit2 me@work.example
TEXT
cat ../seen
if cmp -s ../seen ../expected; then echo ok; else diff ../expected ../seen; echo changed; exit 1; fi
