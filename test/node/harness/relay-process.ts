import { connect, type Server, type Socket } from 'node:net';

// Run inside the sandbox: takes a listening socket of the machine, and joins each connection to the same port in here.
process.once('message', (port: number, server: Server) => {
  server.on('connection', (outside: Socket) => {
    const inside = connect(port, '127.0.0.1');
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
  });
  process.send?.('accepting');
});
process.once('disconnect', () => {
  process.exit();
});
