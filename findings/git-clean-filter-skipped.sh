#!/bin/sh
# A clean filter (`filter=` in .gitattributes) changes files on their way into git: it takes passwords out of
# dotfiles, encrypts them (git-crypt), or leaves a pointer (git-lfs). `required = true` makes `git add` fail rather
# than go without it. Three libraries of Python add a file to the same repository. dulwich runs the filter. GitPython's
# `repo.index.add`, of which its manual says "This equals a straight git-add(1)", does not, nor does pygit2's
# `index.add`; neither says so, and what the filter was to keep out is in the commit and leaves with the next push. On
# the disk the file is the same in all cases, so nobody sees it there. Let git itself add: `repo.git.add("FILE")` in
# GitPython, or a process; and compare `git show :FILE` with the file.
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
git config --global user.name me
git config --global user.email me@example.org
git config --global filter.words.clean 'sed s/token=.*/token=HIDDEN/'
git config --global filter.words.smudge cat
git config --global filter.words.required true
git init -q -b main repository
cd repository
echo '*.conf filter=words' >.gitattributes
git add .gitattributes
git commit -q -m first
git --version
python3 -c '
import dulwich, git, pygit2
print("GitPython", git.__version__, "dulwich", ".".join(map(str, dulwich.__version__)), "pygit2", pygit2.__version__)'
check() { # WHO PROGRAM
  git rm -q -f --cached --ignore-unmatch tool.conf
  echo 'token=abc' >tool.conf
  python3 -c "$2"
  echo "$1: the file $(cat tool.conf), in git $(git show :tool.conf)"
}
{
  check 'git' 'import subprocess; subprocess.run(["git", "add", "tool.conf"], check=True)'
  check 'dulwich' 'from dulwich import porcelain; porcelain.add(".", ["tool.conf"])'
  check 'GitPython, index.add' 'import git; git.Repo(".").index.add(["tool.conf"])'
  check 'GitPython, git.add' 'import git; git.Repo(".").git.add("tool.conf")'
  check 'pygit2' 'import pygit2; index = pygit2.Repository(".").index; index.add("tool.conf"); index.write()'
} >../seen
cat >../expected <<'TEXT'
git: the file token=abc, in git token=HIDDEN
dulwich: the file token=abc, in git token=HIDDEN
GitPython, index.add: the file token=abc, in git token=abc
GitPython, git.add: the file token=abc, in git token=HIDDEN
pygit2: the file token=abc, in git token=abc
TEXT
cat ../seen
if cmp -s ../seen ../expected; then echo ok; else diff ../expected ../seen; echo changed; exit 1; fi
