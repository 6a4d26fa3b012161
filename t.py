import sys,time
from stentor.ssh.reach import *
doors=[Door(a.strip(),(a.strip(),),2222) for a in open('addrs')]
from collections import Counter
t=time.perf_counter();c=time.process_time()
r=list(reach(doors,timeout=5,banner=sys.argv[1]=='b'))
print(sys.argv[1],round(time.perf_counter()-t,3),'cpu',round(time.process_time()-c,3),Counter(x.rung for x in r), max(x.seconds for x in r))
