#!/bin/sh
# gpg-agent can take the place of ssh-agent (`enable-ssh-support`), and ssh-add works with it. Its manual explains how
# keys are added. Taking them away does nothing: `ssh-add -D` prints "All identities removed.", `ssh-add -d FILE` prints
# "Identity removed", both exit 0, and `ssh-add -l` lists every key as before. They sign as before, too (`ssh-add -T`),
# and as gpg-agent keeps them in a folder they are there after a reboot as well. With ssh-agent the same commands
# do what they say. So a key that was lent to a shared machine, or replaced by a new one, stays, and with several
# of them a server ends the login before the right one is offered (MaxAuthTries). Delete the line in sshcontrol
# and the file in private-keys-v1.d, and let a script count what `ssh-add -l` lists.
#
# Installs gpg-agent 2.2.40 (with its libraries) and openssh-client 9.2p1 of Debian 12 in a temporary folder. Fails
# if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download gpg-agent=2.2.40-1.1+deb12u2 libassuan0 libgcrypt20 libgpg-error0 \
  libnpth0 openssh-client
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
libraries=$(find "$folder" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d :)
mkdir -m 700 gnupg
cat >pinentry <<'END'
#!/bin/sh
# gpg-agent asks here for the word by which it encrypts a key that was added.
echo OK
while read -r command _; do
  [ "$command" != GETPIN ] || echo 'D word'
  echo OK
  [ "$command" != BYE ] || exit
done
END
chmod +x pinentry
printf 'enable-ssh-support\npinentry-program %s/pinentry\n' "$folder" >gnupg/gpg-agent.conf
for key in one two; do usr/bin/ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$key"; done
cat >work <<'END'
keys() {
  usr/bin/ssh-add -l | sed -n 's/.* \(one\|two\) (.*/\1/p' | paste -s -d ' ' | grep . || echo none
}
usr/bin/ssh-add -q one
usr/bin/ssh-add -q two
echo "  added: $(keys)"
for options in '-d one.pub' -D; do
  code=0
  # shellcheck disable=SC2086 # one or two words
  said=$(usr/bin/ssh-add $options 2>&1) || code=$?
  said=$(echo "$said" | grep -o 'Identity removed\|All identities removed')
  echo "  ssh-add $options: exit code $code, $said: $(keys)"
done
usr/bin/ssh-add -T two.pub 2>said && echo '  two still signs' || echo '  two does not sign'
END
# Both agents run the command and end with it.
{
  echo ssh-agent
  usr/bin/ssh-agent sh work
  echo gpg-agent
  LD_LIBRARY_PATH=$libraries usr/bin/gpg-agent --homedir "$folder/gnupg" --daemon env -u LD_LIBRARY_PATH sh work
} >seen 2>log
cat >expected <<'END'
ssh-agent
  added: one two
  ssh-add -d one.pub: exit code 0, Identity removed: two
  ssh-add -D: exit code 0, All identities removed: none
  two does not sign
gpg-agent
  added: one two
  ssh-add -d one.pub: exit code 0, Identity removed: one two
  ssh-add -D: exit code 0, All identities removed: one two
  two still signs
END
LD_LIBRARY_PATH=$libraries usr/bin/gpg-agent --version | sed -n 1p
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
