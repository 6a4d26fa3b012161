# The old commands' names, for fish. Made by 'stentor shell-init'; nothing is started by sourcing it.
# A function or an alias of yours stays as it is, and hides the name here.

functions -q tmux-cluster; or function tmux-cluster
    if set -q argv[1]; and not string match -q -- '-*' $argv[1]
        set argv[1] --session=$argv[1]
    end
    stentor tmux open $argv
end
functions -q tmux-gpu; or function tmux-gpu
    if set -q argv[1]; and not string match -q -- '-*' $argv[1]
        set argv[1] --session=$argv[1]
    end
    stentor tmux open @gpu $argv
end
functions -q tmux-attach-cluster; or function tmux-attach-cluster; stentor tmux attach $argv; end
functions -q tmux-sync-on; or function tmux-sync-on; stentor tmux sync on $argv; end
functions -q tmux-sync-off; or function tmux-sync-off; stentor tmux sync off $argv; end
functions -q tmux-sync-toggle; or function tmux-sync-toggle; stentor tmux sync toggle $argv; end
functions -q tn; or function tn; stentor tmux window $argv; end
functions -q tnm; or function tnm; stentor tmux window --mosh $argv; end
functions -q cluster-ping; or function cluster-ping; stentor ping $argv; end
functions -q cluster-status; or function cluster-status; stentor status $argv; end
functions -q cluster-tmux-list; or function cluster-tmux-list; stentor tmux list $argv; end
functions -q push-dotfiles; or function push-dotfiles; stentor dotfiles push $argv; and _stentor_reload $argv; end
functions -q sync-dotfiles; or function sync-dotfiles; stentor dotfiles sync $argv; and _stentor_reload $argv; end
functions -q tc; or function tc; tmux-cluster $argv; end
functions -q tg; or function tg; tmux-gpu $argv; end
functions -q ta; or function ta; tmux-attach-cluster $argv; end
functions -q tsync; or function tsync; tmux-sync-toggle $argv; end
functions -q cstatus; or function cstatus; cluster-status $argv; end
functions -q cping; or function cping; cluster-ping $argv; end
functions -q csync; or function csync; sync-dotfiles $argv; end
functions -q cpush; or function cpush; push-dotfiles $argv; end

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
