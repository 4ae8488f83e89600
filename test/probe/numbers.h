/* The numbers of system calls as NR_NAME: -1 where there is none; from 424 on they are the same everywhere. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <sys/syscall.h>

#ifdef SYS_mount
#define NR_mount SYS_mount
#else
#define NR_mount (-1)
#endif
#ifdef SYS_umount
#define NR_umount SYS_umount
#else
#define NR_umount (-1)
#endif
#ifdef SYS_umount2
#define NR_umount2 SYS_umount2
#else
#define NR_umount2 (-1)
#endif
#ifdef SYS_pivot_root
#define NR_pivot_root SYS_pivot_root
#else
#define NR_pivot_root (-1)
#endif
#ifdef SYS_chroot
#define NR_chroot SYS_chroot
#else
#define NR_chroot (-1)
#endif
#define NR_fsopen 430
#define NR_fsconfig 431
#define NR_fsmount 432
#define NR_fspick 433
#define NR_move_mount 429
#define NR_open_tree 428
#define NR_open_tree_attr 467
#define NR_mount_setattr 442
#ifdef SYS_swapon
#define NR_swapon SYS_swapon
#else
#define NR_swapon (-1)
#endif
#ifdef SYS_swapoff
#define NR_swapoff SYS_swapoff
#else
#define NR_swapoff (-1)
#endif
#ifdef SYS_quotactl
#define NR_quotactl SYS_quotactl
#else
#define NR_quotactl (-1)
#endif
#define NR_quotactl_fd 443
#ifdef SYS_name_to_handle_at
#define NR_name_to_handle_at SYS_name_to_handle_at
#else
#define NR_name_to_handle_at (-1)
#endif
#ifdef SYS_open_by_handle_at
#define NR_open_by_handle_at SYS_open_by_handle_at
#else
#define NR_open_by_handle_at (-1)
#endif
#define NR_statmount 457
#define NR_listmount 458
#define NR_listns 470
#ifdef SYS_unshare
#define NR_unshare SYS_unshare
#else
#define NR_unshare (-1)
#endif
#ifdef SYS_setns
#define NR_setns SYS_setns
#else
#define NR_setns (-1)
#endif
#ifdef SYS_process_vm_readv
#define NR_process_vm_readv SYS_process_vm_readv
#else
#define NR_process_vm_readv (-1)
#endif
#ifdef SYS_process_vm_writev
#define NR_process_vm_writev SYS_process_vm_writev
#else
#define NR_process_vm_writev (-1)
#endif
#define NR_process_madvise 440
#define NR_process_mrelease 448
#define NR_pidfd_getfd 438
#ifdef SYS_kcmp
#define NR_kcmp SYS_kcmp
#else
#define NR_kcmp (-1)
#endif
#ifdef SYS_move_pages
#define NR_move_pages SYS_move_pages
#else
#define NR_move_pages (-1)
#endif
#ifdef SYS_migrate_pages
#define NR_migrate_pages SYS_migrate_pages
#else
#define NR_migrate_pages (-1)
#endif
#ifdef SYS_memfd_create
#define NR_memfd_create SYS_memfd_create
#else
#define NR_memfd_create (-1)
#endif
#define NR_memfd_secret 447
#ifdef SYS_userfaultfd
#define NR_userfaultfd SYS_userfaultfd
#else
#define NR_userfaultfd (-1)
#endif
#ifdef SYS_add_key
#define NR_add_key SYS_add_key
#else
#define NR_add_key (-1)
#endif
#ifdef SYS_request_key
#define NR_request_key SYS_request_key
#else
#define NR_request_key (-1)
#endif
#ifdef SYS_keyctl
#define NR_keyctl SYS_keyctl
#else
#define NR_keyctl (-1)
#endif
#ifdef SYS_bpf
#define NR_bpf SYS_bpf
#else
#define NR_bpf (-1)
#endif
#ifdef SYS_perf_event_open
#define NR_perf_event_open SYS_perf_event_open
#else
#define NR_perf_event_open (-1)
#endif
#define NR_io_uring_setup 425
#define NR_io_uring_enter 426
#define NR_io_uring_register 427
#ifdef SYS_lookup_dcookie
#define NR_lookup_dcookie SYS_lookup_dcookie
#else
#define NR_lookup_dcookie (-1)
#endif
#ifdef SYS_fanotify_init
#define NR_fanotify_init SYS_fanotify_init
#else
#define NR_fanotify_init (-1)
#endif
#define NR_landlock_create_ruleset 444
#define NR_landlock_add_rule 445
#define NR_landlock_restrict_self 446
#ifdef SYS_kexec_load
#define NR_kexec_load SYS_kexec_load
#else
#define NR_kexec_load (-1)
#endif
#ifdef SYS_kexec_file_load
#define NR_kexec_file_load SYS_kexec_file_load
#else
#define NR_kexec_file_load (-1)
#endif
#ifdef SYS_init_module
#define NR_init_module SYS_init_module
#else
#define NR_init_module (-1)
#endif
#ifdef SYS_finit_module
#define NR_finit_module SYS_finit_module
#else
#define NR_finit_module (-1)
#endif
#ifdef SYS_delete_module
#define NR_delete_module SYS_delete_module
#else
#define NR_delete_module (-1)
#endif
#ifdef SYS_create_module
#define NR_create_module SYS_create_module
#else
#define NR_create_module (-1)
#endif
#ifdef SYS_query_module
#define NR_query_module SYS_query_module
#else
#define NR_query_module (-1)
#endif
#ifdef SYS_get_kernel_syms
#define NR_get_kernel_syms SYS_get_kernel_syms
#else
#define NR_get_kernel_syms (-1)
#endif
#ifdef SYS_reboot
#define NR_reboot SYS_reboot
#else
#define NR_reboot (-1)
#endif
#ifdef SYS_syslog
#define NR_syslog SYS_syslog
#else
#define NR_syslog (-1)
#endif
#ifdef SYS_acct
#define NR_acct SYS_acct
#else
#define NR_acct (-1)
#endif
#ifdef SYS_settimeofday
#define NR_settimeofday SYS_settimeofday
#else
#define NR_settimeofday (-1)
#endif
#ifdef SYS_clock_settime
#define NR_clock_settime SYS_clock_settime
#else
#define NR_clock_settime (-1)
#endif
#ifdef SYS_clock_adjtime
#define NR_clock_adjtime SYS_clock_adjtime
#else
#define NR_clock_adjtime (-1)
#endif
#ifdef SYS_adjtimex
#define NR_adjtimex SYS_adjtimex
#else
#define NR_adjtimex (-1)
#endif
#ifdef SYS_stime
#define NR_stime SYS_stime
#else
#define NR_stime (-1)
#endif
#ifdef SYS_sethostname
#define NR_sethostname SYS_sethostname
#else
#define NR_sethostname (-1)
#endif
#ifdef SYS_setdomainname
#define NR_setdomainname SYS_setdomainname
#else
#define NR_setdomainname (-1)
#endif
#ifdef SYS_iopl
#define NR_iopl SYS_iopl
#else
#define NR_iopl (-1)
#endif
#ifdef SYS_ioperm
#define NR_ioperm SYS_ioperm
#else
#define NR_ioperm (-1)
#endif
#ifdef SYS_vhangup
#define NR_vhangup SYS_vhangup
#else
#define NR_vhangup (-1)
#endif
#ifdef SYS_nfsservctl
#define NR_nfsservctl SYS_nfsservctl
#else
#define NR_nfsservctl (-1)
#endif
#ifdef SYS_uselib
#define NR_uselib SYS_uselib
#else
#define NR_uselib (-1)
#endif
#ifdef SYS_ustat
#define NR_ustat SYS_ustat
#else
#define NR_ustat (-1)
#endif
#ifdef SYS_sysfs
#define NR_sysfs SYS_sysfs
#else
#define NR_sysfs (-1)
#endif
#ifdef SYS__sysctl
#define NR__sysctl SYS__sysctl
#else
#define NR__sysctl (-1)
#endif
#ifdef SYS_modify_ldt
#define NR_modify_ldt SYS_modify_ldt
#else
#define NR_modify_ldt (-1)
#endif
#ifdef SYS_vm86
#define NR_vm86 SYS_vm86
#else
#define NR_vm86 (-1)
#endif
#ifdef SYS_vm86old
#define NR_vm86old SYS_vm86old
#else
#define NR_vm86old (-1)
#endif
#ifdef SYS_ioprio_set
#define NR_ioprio_set SYS_ioprio_set
#else
#define NR_ioprio_set (-1)
#endif
#ifdef SYS_mbind
#define NR_mbind SYS_mbind
#else
#define NR_mbind (-1)
#endif
#ifdef SYS_set_mempolicy
#define NR_set_mempolicy SYS_set_mempolicy
#else
#define NR_set_mempolicy (-1)
#endif
#define NR_set_mempolicy_home_node 450
#define NR_clone3 435

#endif
