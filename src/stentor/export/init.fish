# The old commands' names, for fish. Made by 'stentor shell-init'; nothing is started by sourcing it.

function tmux-cluster
    if set -q argv[1]; and not string match -q -- '-*' $argv[1]
        set argv[1] --session=$argv[1]
    end
    stentor tmux open $argv
end
function tmux-gpu
    if set -q argv[1]; and not string match -q -- '-*' $argv[1]
        set argv[1] --session=$argv[1]
    end
    stentor tmux open @gpu $argv
end
function tmux-attach-cluster; stentor tmux attach $argv; end
function tmux-sync-on; stentor tmux sync on $argv; end
function tmux-sync-off; stentor tmux sync off $argv; end
function tmux-sync-toggle; stentor tmux sync toggle $argv; end
function tn; stentor tmux window $argv; end
function tnm; stentor tmux window --mosh $argv; end
function cluster-ping; stentor ping $argv; end
function cluster-status; stentor status $argv; end
function cluster-tmux-list; stentor tmux list $argv; end
function push-dotfiles; stentor dotfiles push $argv; and _stentor_reload $argv; end
function sync-dotfiles; stentor dotfiles sync $argv; and _stentor_reload $argv; end
function tc; tmux-cluster $argv; end
function tg; tmux-gpu $argv; end
function ta; tmux-attach-cluster $argv; end
function tsync; tmux-sync-toggle $argv; end
function cstatus; cluster-status $argv; end
function cping; cluster-ping $argv; end
function csync; sync-dotfiles $argv; end
function cpush; push-dotfiles $argv; end

# New dotfiles take effect in a new shell; asked only of a person.
function _stentor_reload
    for word in $argv
        contains -- $word -n --dry-run -h --help; and return 0
    end
    isatty stdin; and isatty stderr; or return 0
    read -l -P 'start a fresh shell with the new dotfiles? [y/N] ' answer
    string match -qi 'y*' -- $answer; and exec fish -l
    return 0
end

# Nodes and groups complete by asking stentor, when Tab is pressed and not before.
for name in tn tnm cluster-ping cping cluster-status cstatus cluster-tmux-list
    complete -c $name -f -a '(stentor completion --words 2>/dev/null)'
end
