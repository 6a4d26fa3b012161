# What every verb of the dotfiles' program goes by.
# uses: state

set -u
LC_ALL=C
export LC_ALL
PATH=${STENTOR_STAND_IN:+$STENTOR_STAND_IN:}/usr/local/bin:/usr/bin:/bin:$HOME/.local/bin:$HOME/bin:${PATH-}
export PATH
OUR_SSH='ssh -o BatchMode=yes -o ConnectTimeout=10'
GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=${GIT_SSH_COMMAND-$OUR_SSH}
GIT_OPTIONAL_LOCKS=0 # looking at the user's clone must not even refresh its index
export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND GIT_OPTIONAL_LOCKS
# The hooks and the git directory of whoever called us are none of ours.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE own_clone own_uid settings tar_create both_known
# Nor is what makes cd, ls, tar and grep say or do other things: start files may export it for every command.
unset CDPATH TIME_STYLE QUOTING_STYLE BLOCK_SIZE LS_BLOCK_SIZE CLICOLOR_FORCE TAR_OPTIONS GREP_OPTIONS

state_directory dotfiles
S=$state       # all that is ours on this node
P=$S/pending   # the change which waits to be confirmed
N=$S/new       # the one in preparation
R=$S/repo.git  # revisions which were fetched
T=$S/timer
chezmoi_dir=${XDG_CONFIG_HOME:-$HOME/.config}/chezmoi
TIMER=stentor-dotfiles-timer
BOOT_UNIT=stentor-dotfiles-undo.service
TRIED="2 70 5" # the lowest chezmoi that every change is tried with (tests/tools); an older one is asked

remote=${STENTOR_GIVEN_REMOTE-}
op='' rev='' bundle='' branch='' window=60 limit=300 signed=no take='' again=no token='' to=''
why='' seconds=10 every=3600 jitter=0 verb='' requires='' reinit=no exclude=''
p=${p-}
