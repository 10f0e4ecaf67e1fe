#ifndef FAULTY_SYSTEM_H
#define FAULTY_SYSTEM_H

/// How many calls that change files this process has made so far: writes, renames, folders made, files removed …
long faulty_system_call_count(void);

#endif
