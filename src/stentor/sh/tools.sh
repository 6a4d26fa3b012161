# The programs which a probe calls: also those which a session without a login does not find.

PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:$HOME/.local/bin:$HOME/bin
LC_ALL=C
export PATH LC_ALL
